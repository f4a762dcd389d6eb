"""Figures for the owner: how much is written, where, how soon it is decided, and how well.

All of it is counted when it is asked for and nothing is kept. What grows with the blog is bounded:
comments are counted in an index that holds no more than their state and time; busy pages and
decisions are looked for among the newest of the period.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, literal, select, union_all

from afterword.core import clock
from afterword.core.db import db
from afterword.moderation import audit
from afterword.moderation.models import Act
from afterword.moderation.scope import Scope, within
from afterword.spam.checks import learned
from afterword.threads.models import Comment, Page, State

SHOWN: Final = (State.VISIBLE, State.PENDING, State.SPAM)
BY_WEEK = 100  # days; of longer periods each bar is a week
NEWEST = 5000  # comments among which the busiest pages are looked for
LAST = 2000  # acts among which decisions are looked for
BUSIEST = 8
_DAY = dt.timedelta(days=1)
_DECISIONS = frozenset({"approve", "spam", "remove"})


@dataclass(frozen=True)
class Span:
    """A day or a week, in UTC, and how many comments of it are in each state now."""

    first: dt.date
    last: dt.date
    counts: dict[State, int]

    @property
    def total(self) -> int:
        """All that is shown of it."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Busy:
    """A page with its share of the newest comments."""

    page: Page
    count: int


@dataclass(frozen=True)
class Decisions:
    """What moderators decided of late, and what it says of the learning filter."""

    waits: Sequence[dt.timedelta]  # of each comment that was decided, the shortest first
    held_rightly: int  # held by the filter, then marked as spam or removed
    held_wrongly: int  # held by the filter, then approved
    missed: int  # marked as spam, and not held by the filter

    def wait(self, share: float) -> dt.timedelta | None:
        """The time within which so large a share was decided; None where nothing was."""
        at = max(0, -int(-share * len(self.waits) // 1) - 1)
        return self.waits[at] if self.waits else None

    @property
    def precision(self) -> float | None:
        """The share of what the filter held that was unwanted; None where it held nothing."""
        held = self.held_rightly + self.held_wrongly
        return self.held_rightly / held if held else None


def spans(days: int, *, sites: Scope = None) -> list[Span]:
    """How much was written on each of the last days, today included, oldest first."""
    today = clock.now().date()
    size = 7 if days > BY_WEEK else 1
    ends = [today - size * number * _DAY for number in range(-(-days // size))][::-1]
    periods = [(end - (size - 1) * _DAY, end) for end in ends]
    counts: dict[State, dict[int, int]] = {}
    for state in SHOWN:
        counted = union_all(
            *(
                select(literal(number), func.count()).where(
                    *within(Comment.site_id, sites),
                    Comment.state == state,
                    Comment.created >= _midnight(first),
                    Comment.created < _midnight(last + _DAY),
                )
                for number, (first, last) in enumerate(periods)
            )
        )
        counts[state] = dict(db.session.execute(counted).all())
    return [
        Span(first, last, {state: counts[state][number] for state in SHOWN})
        for number, (first, last) in enumerate(periods)
    ]


def busiest(days: int, *, sites: Scope = None) -> list[Busy]:
    """The pages with the most of the newest visible comments, of these days."""
    newest = (
        select(Comment.page_id)
        .where(
            *within(Comment.site_id, sites),
            Comment.state == State.VISIBLE,
            Comment.created >= _start(days),
        )
        .order_by(Comment.created.desc(), Comment.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    many = func.count()
    rows = (
        select(Page, many)
        .join(newest, newest.c.page_id == Page.id)
        .group_by(Page.id)
        .order_by(many.desc(), Page.id)
        .limit(BUSIEST)
    )
    return [Busy(page, count) for page, count in db.session.execute(rows)]


def decisions(days: int, *, sites: Scope = None) -> Decisions:
    """What moderators decided in these days, as far as the last acts tell."""
    acts = (
        select(Act.id)
        .where(*within(Act.site_id, sites), Act.at >= _start(days))
        .order_by(Act.at.desc(), Act.id.desc())
        .limit(LAST)
        .subquery()
    )
    rows = (
        select(
            *(Act.comment_id, Act.id, Act.at, Act.by, Act.verb, Act.state_before),
            *(Comment.created, Comment.reasons),
        )
        .join(acts, acts.c.id == Act.id)
        .join(Comment, Comment.id == Act.comment_id)
        .where(Act.verb.in_(audit.MOVES), Act.note.is_(None))
    )
    by_comment: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    found: Iterable[Row[Any]] = db.session.execute(rows)
    for row in found:
        by_comment[row.comment_id].append(row)
    return _summed_up(sorted(moves, key=lambda row: row.id) for moves in by_comment.values())


def _summed_up(comments: Iterable[list[Row[Any]]]) -> Decisions:
    waits: list[dt.timedelta] = []
    rightly = wrongly = missed = 0
    for moves in comments:
        waits += _waits(moves)
        last = moves[-1]
        if not _is_decision(last):
            continue
        was_held = any(reason.startswith(learned.SAID) for reason in last.reasons)
        rightly += was_held and last.verb != "approve"
        wrongly += was_held and last.verb == "approve"
        missed += not was_held and last.verb == "spam"
    return Decisions(sorted(waits), rightly, wrongly, missed)


def _waits(moves: list[Row[Any]]) -> list[dt.timedelta]:
    """How long a comment waited for each decision that was not taken back."""
    found, began = [], moves[0].created
    for move, following in zip(moves, [*moves[1:], None], strict=True):
        if move.verb == "hold":
            began = move.at
        is_undone = following is not None and following.verb == "undo"
        if _is_decision(move) and move.state_before == State.PENDING and not is_undone:
            found.append(max(move.at - began, dt.timedelta()))
    return found


def _is_decision(move: Row[Any]) -> bool:
    others = {audit.AUTHOR, audit.CHECKS, audit.READERS}
    return move.verb in _DECISIONS and move.by not in others


def _start(days: int) -> dt.datetime:
    return _midnight(clock.now().date() - (days - 1) * _DAY)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.UTC)
