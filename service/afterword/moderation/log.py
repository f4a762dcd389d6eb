"""The log of acts as it is looked through: newest first, page by page, narrowed down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from afterword.core import clock, ids
from afterword.core.db import db
from afterword.moderation import audit, undo
from afterword.moderation.models import Act
from afterword.moderation.scope import Scope, within
from afterword.threads.models import Comment

PAGE = 50
LOOKED_THROUGH = 5000  # acts of a site among which kinds and people are looked for
BATCH = 500  # lines of an export that are read at once
_DAY = dt.timedelta(days=1)
_PLACE: Final = tuple_(Act.at, Act.id)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which acts are looked for; what is not said does not matter. Days are those of UTC."""

    by: str | None = None
    verb: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None  # this day included
    comment_id: str | None = None
    words: str | None = None  # in the note
    sites: Scope = None


@dataclass(frozen=True)
class Entry:
    """An act with the comment that it was about, and what an edit made of its text."""

    act: Act
    comment: Comment | None
    text_after: str | None
    may_be_undone: bool


@dataclass(frozen=True)
class Log:
    """A page of the log, and the cursor behind it when more follows."""

    entries: list[Entry]
    next: str | None


def read(wanted: Wanted, *, after: str | None = None, limit: int = PAGE) -> Log:
    """A page of the acts that are wanted. A cursor that is none of ours starts from the newest."""
    rows = _rows(wanted)
    start = _place(after)
    if start is not None:
        rows = rows.where(start > _PLACE)
    found = list(db.session.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    following = f"{clock.text(shown[-1].at)}_{shown[-1].id}" if len(found) > limit else None
    return Log(_entries(shown), following)


def every(wanted: Wanted) -> Iterator[Entry]:
    """All acts that are wanted.

    Read a batch at a time: whoever takes them slowly keeps no read open, and writers go on.
    """
    after: str | None = None
    while True:
        part = read(wanted, after=after, limit=BATCH)
        yield from part.entries
        db.session.commit()
        after = part.next
        if after is None:
            return


def find(number: int) -> Entry | None:
    """One line of the log."""
    act = db.session.get(Act, number)
    return _entries([act])[0] if act else None


def actors(sites: Scope = None) -> list[str]:
    """Everybody who acted: moderators, those who no longer are, and who acts by himself."""
    return _different(Act.by, sites)


def verbs(sites: Scope = None) -> list[str]:
    """Every kind of act that there was."""
    return _different(Act.verb, sites)


def _rows(wanted: Wanted) -> Select[Act]:
    # There is always an end, so that each of these queries is a range of an index.
    last = min(wanted.until or dt.date.max, clock.now().date() + _DAY)
    rows = select(Act).where(*within(Act.site_id, wanted.sites), Act.at < _midnight(last) + _DAY)
    if wanted.since is not None:
        rows = rows.where(Act.at >= _midnight(wanted.since))
    if wanted.by is not None:
        rows = rows.where(Act.by == wanted.by)
    if wanted.verb is not None:
        rows = rows.where(Act.verb == wanted.verb)
    if wanted.comment_id is not None:
        rows = rows.where(Act.comment_id == wanted.comment_id)
    if wanted.words is not None:
        words = Act.note.icontains(wanted.words, autoescape=True)
        rows = rows.where(Act.note.is_not(None), words)
    return rows.order_by(Act.at.desc(), Act.id.desc())


def _entries(acts: list[Act]) -> list[Entry]:
    comments = _comments(acts)
    after = _texts_after(acts, comments)
    # What an author did to their own comment they take back themselves.
    possible = undo.possible(act for act in acts if act.by != audit.AUTHOR)
    return [
        Entry(act, comments.get(act.comment_id or ""), after.get(act.id), act.id in possible)
        for act in acts
    ]


def _comments(acts: list[Act]) -> dict[str, Comment]:
    wanted = sorted({act.comment_id for act in acts if act.comment_id})
    rows = select(Comment).options(joinedload(Comment.page)).where(Comment.id.in_(wanted))
    return {comment.id: comment for comment in db.session.scalars(rows)}


def _texts_after(acts: list[Act], comments: dict[str, Comment]) -> dict[int, str]:
    """By edit, the text that it left: what the next edit of the comment found, or what is there."""
    edited = sorted({act.comment_id for act in acts if act.verb in audit.EDITS and act.comment_id})
    if not edited:
        return {}
    rows = (
        select(Act.id, Act.comment_id, Act.text_before)
        .where(Act.comment_id.in_(edited), Act.verb.in_(audit.EDITS))
        .order_by(Act.id.desc())
    )
    later = {comment_id: comments[comment_id].text for comment_id in edited}
    after = {}
    for row in db.session.execute(rows):
        after[row.id] = later[row.comment_id]
        later[row.comment_id] = row.text_before or ""
    return after


def _different(column: InstrumentedAttribute[str], sites: Scope) -> list[str]:
    """The values of a column; of some sites those among the newest acts, of all each there is."""
    if sites is None:
        return _all_different(column)
    newest = select(column.label("value")).where(*within(Act.site_id, sites))
    newest = newest.order_by(Act.at.desc(), Act.id.desc()).limit(LOOKED_THROUGH)
    return sorted(db.session.scalars(select(newest.subquery().c.value).distinct()))


def _all_different(column: InstrumentedAttribute[str]) -> list[str]:
    """The same where an index begins with the column: a look-up for each, however many rows."""
    found: list[str] = []
    while True:
        following = select(func.min(column)).where(column > (found[-1] if found else ""))
        value = db.session.scalar(following)
        if value is None:
            return found
        found.append(value)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.UTC)


def _place(cursor: str | None) -> tuple[dt.datetime, int] | None:
    written, _, number = (cursor or "").partition("_")
    try:
        moment = clock.parse(written)
    except ValueError:
        return None
    last = ids.number(number)
    return (moment, last) if last is not None else None
