"""docs/reliability.md: what ``make faults`` found, for those who read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
FILE = "reliability.json"

# What happens, and what has to hold then. I: every comment that was answered 201 is there once, no
# other half of one, counts agree, the database is whole, no answer 5xx but 503 with Retry-After.
FAULTS = {
    "R1": ("The service is killed (-9) while eight clients post", "I; nothing answered is lost"),
    "R2": ("A node, or one process of it, is killed under load", "< 1 % fail, < 2 s, I"),
    "R3": ("The disk is full", "posts 503, reads 200, no damage, on without a restart"),
    "R4": ("The database fails at the Nth statement, for every N", "I for every N"),
    "R5": ("Another process holds the database", "posts wait 5 s, then 503; reads at once"),
    "R6": (
        "PostgreSQL is stopped or hangs",
        "reads from memory, else 503 that says when; on by itself, I",
    ),
    "R7": ("Redis is stopped or hangs", "posts are taken, + 250 ms at most in the median"),
    "R8": ("The mail server is silent, down, refuses", "no post waits; each mail comes, once"),
    "R9": ("The clock jumps by an hour, either way", "order, forms and limits stay right"),
    "R10": ("The database file is damaged", "refused in a sentence, a backup mends it"),
    "R11": ("An upgrade from every earlier version, killed half-way", "every comment, one copy"),
    "R12": ("A backup while comments arrive", "the copy is whole and holds what was answered"),
    "R13": ("2,000 clients send a byte every 10 s", "reads p99 < 500 ms, memory bounded"),
    "R14": (
        "Texts made to be slow to render",
        "500 ms of a processor at most each, others answered",
    ),
    "R15": ("Hostile texts, in a real browser", "nothing runs, nothing is fetched"),
    "R16": ("Mixed load for a while", "memory and files stay, the log stays < 64 MB"),
    "R17": ("SIGTERM under load", "what is in flight is answered, < 10 s"),
    "R18": ("An import is killed half-way, or fed bombs", "goes on, adds nothing twice, bounded"),
    "R19": ("Clients that change addresses, over several processes", "the limit holds exactly"),
    "R20": ("10,000 requests that are made up", "no 500; answered as described"),
}

# What is the goal and not what has to hold: a machine that does other work beside misses it.
WANTED = {
    "R1": "a service that was killed answers again within 2 s, each time",
    "R7": "no single post takes 250 ms longer, the first one without Redis included",
    "R14": "250 ms of a processor at most for each; meanwhile readers' p95 below twice what it was",
}

PAGE = """\
<!-- Written by `make faults` from what it found: run it again to change it. -->
# Reliability

What can go wrong with a service that keeps people's words, done to it on purpose: each fault is a
test that runs the real service, and fails when what must hold does not.

| | Fault | What must hold | Tests | Found |
|---|---|---|---|---|
{rows}

## The figures

{figures}

## What we want besides

The tests measure this and do not fail where it is missed; the figures above say what was found.

| | Wanted |
|---|---|
{wanted}

## How it is found

`make faults` runs all of it, in {minutes} minutes this time; `make test` runs the same with fewer
kills and cases. Most of it drives `afterword serve` in processes of its own, over a real SQLite
file or a real PostgreSQL, with a real Redis, nginx, Caddy, mail server or Chromium beside it.

This run: {day}, {cores} cores, with a load of {load} on them (other work ran beside).
"""


def write(file: Path = DOCS / FILE) -> None:
    """Write the page anew, beside its figures."""
    text = page(json.loads(file.read_text(encoding="utf-8")))
    file.with_suffix(".md").write_text(text, encoding="utf-8")


def page(measured: Mapping[str, Any]) -> str:
    """The page from what was found."""
    by_fault: dict[str, list[Any]] = defaultdict(list)
    for one in measured["tests"]:
        by_fault[one["fault"]].append(one)
    seconds = sum(one["seconds"] for one in measured["tests"])
    return PAGE.format(
        rows="\n".join(_row(fault, by_fault[fault]) for fault in FAULTS),
        figures="\n".join(_figures(by_fault)),
        wanted="\n".join(f"| {fault} | {words} |" for fault, words in WANTED.items()),
        minutes=max(1, round(seconds / 60)),
        **{name: measured[name] for name in ("day", "cores", "load")},
    )


def _row(fault: str, found: list[Any]) -> str:
    happens, holds = FAULTS[fault]
    passed = sum(one["passed"] for one in found)
    said = "holds" if found and passed == len(found) else f"**{len(found) - passed} failed**"
    return f"| {fault} | {happens} | {holds} | {len(found)} | {said if found else 'not run'} |"


def _figures(by_fault: Mapping[str, list[Any]]) -> list[str]:
    return [
        f"- {fault}: {words}."
        for fault in FAULTS
        for one in by_fault.get(fault, [])
        for words in one["figures"]
    ]


if __name__ == "__main__":
    write()
