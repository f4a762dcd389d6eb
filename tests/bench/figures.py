"""What is wanted of reads, and whether it was found: each line of the table said once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Measured elsewhere on a machine of the same class, two cores: 100 comments, requests a second.
REMARK42_ONE_PAGE = 1232
REMARK42_MANY_PAGES = 57


@dataclass(frozen=True)
class Goal:
    """A figure by name: what it says, what it should be, and in which unit."""

    name: str
    says: str
    goal: float
    at_least: bool
    unit: str = "x"

    @property
    def wanted(self) -> str:
        """The goal as it is printed."""
        return f"{'at least' if self.at_least else 'at most'} {spelled(self.goal, self.unit)}"

    def is_met(self, measured: float) -> bool:
        """Whether a measured figure is as wanted."""
        return measured >= self.goal if self.at_least else measured <= self.goal


GOALS = (
    Goal("thread_to_hello", 'A thread of 100 comments, beside Flask\'s "hello"', 2.0, True),
    Goal("not_modified_to_hello", 'The answer "not modified" (304), beside it', 2.2, True),
    Goal("unknown_to_hello", "A page without comments, beside it", 0.8, True),
    Goal("plain_to_hello", "The thread without the ASGI front, beside it", 0.8, True),
    Goal("thread_to_nginx", "The thread, beside nginx with the same bytes in a file", 0.4, True),
    Goal("thread_to_remark42", "The thread, beside Remark42 (1,232 a second)", 10, True),
    Goal("pages_to_hello", 'Of 10,000 pages one at random, beside "hello"', 0.3, True),
    Goal("pages_to_remark42", "The same, beside Remark42 (57 a second)", 50, True),
    Goal("long_to_thread", "First page of 10,000 comments, beside 100: warm", 0.95, True),
    Goal("long_to_thread_cold", "The same, cold: the time", 1.5, False),
    Goal("deep_to_first_cold", "Its page at comment 9,900, cold: the time", 1.5, False),
    Goal("large_to_middle", "1,110,000 comments stored, beside 10,000: warm", 0.9, True),
    Goal("large_to_small", "The same, beside 100", 0.9, True),
    Goal("large_to_middle_cold", "The same, cold: the time", 1.5, False),
    Goal("cold_ms", "A first page that nobody read yet", 25, False, "ms"),
    Goal("around_ms", "A link into the depth of 100,000 comments", 40, False, "ms"),
    Goal(
        "first_page_bytes",
        "Bytes of a first page: 50 roots, their first replies",
        12000,
        False,
        "B",
    ),
    Goal("worker_mib", "Memory of a worker whose cache is full", 110, False, "MiB"),
    Goal("p99_under_posts", "p99 of reads with 10 posts a second on the page", 2.0, False),
)


def spelled(number: float, unit: str) -> str:
    """A figure with its unit, as few digits as it deserves."""
    digits = 2 if unit == "x" and number < 10 else 1 if unit == "ms" else 0
    return f"{number:,.{digits}f} {'times' if unit == 'x' else unit}"


def unmet(measured: Mapping[str, float]) -> list[Goal]:
    """The goals that were measured and missed."""
    return [g for g in GOALS if g.name in measured and not g.is_met(measured[g.name])]


def table(measured: Mapping[str, float]) -> list[tuple[str, str, str, str]]:
    """Lines of what, measured, wanted, and whether it is met."""
    return [
        (
            goal.says,
            spelled(measured[goal.name], goal.unit),
            goal.wanted,
            "yes" if goal.is_met(measured[goal.name]) else "no",
        )
        for goal in GOALS
        if goal.name in measured
    ]
