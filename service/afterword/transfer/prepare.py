"""What each comment of a file becomes by itself, before anything is known of its place and thread.

It is the slow half of an import, for it renders: it asks no database, so that a process of its own
can do it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from afterword.threads.models import State
from afterword.transfer import row
from afterword.transfer.dates import Dates
from afterword.transfer.record import (
    CommentRecord,
    PageRecord,
    Record,
    SiteRecord,
    SkippedRecord,
    WarningRecord,
)

MOST_TEXT = 64 * 1024
EMPTY = "empty_text"
TOO_LONG = "too_long"


class Prepared(NamedTuple):
    """A comment that is ready but for its id, its page, its author and where it hangs.

    ``said`` is a digest of what it says, ``row`` a ``Row`` as a pickled tuple; ``refused`` says why
    it cannot go in as what it is. One that says nothing has the row of a bare place in its thread.
    """

    at: str
    id: str
    our_id: str | None
    parent: str | None
    page_url: str
    page_id: str | None
    page_key: str | None
    said: bytes
    state: str
    refused: str | None
    row: bytes
    warnings: tuple[str, ...]
    stand_in: dt.datetime | None  # for a date that made no sense


Read = Prepared | PageRecord | SkippedRecord | WarningRecord | SiteRecord


def prepared(
    records: Iterable[Record], *, owners: Sequence[str], project: str | None, is_ours: bool
) -> Iterator[Read]:
    """The records with their comments prepared; pages last, when it is known how old each is.

    ``owners`` are moderators, ``project`` is the one to take, as an owner chose; a file that
    ``is_ours`` was written by this service.
    """
    marked = {owner.casefold() for owner in owners}
    dates = Dates()
    pages: list[PageRecord] = []
    rows = _of_one_site(records)
    for record in _of_project(rows, project) if project else rows:
        if isinstance(record, CommentRecord):
            yield _prepared(_owned(dates.complete(record), marked), is_ours=is_ours)
        elif isinstance(record, PageRecord):
            pages.append(dates.note(record))
        else:
            yield record
    yield from map(dates.begun, pages)


def _of_one_site(rows: Iterable[Record]) -> Iterator[Record]:
    """The records without what is said of a site further down: of the file's own it comes first."""
    is_begun = False
    for record in rows:
        if not isinstance(record, SiteRecord):
            is_begun = True
        elif is_begun:
            yield WarningRecord(
                said="the choices of another site stand further down and were left out"
            )
            continue
        yield record


def _of_project(rows: Iterable[Record], project: str) -> Iterator[Record]:
    """The records of one project, and the pages of which the file does not say whose they are."""
    for record in rows:
        if isinstance(record, CommentRecord) and project not in record.projects:
            yield SkippedRecord(at=record.at, id=record.id, reason="other_project")
        elif not isinstance(record, PageRecord) or project in (record.projects or [project]):
            yield record


def _owned(record: CommentRecord, owners: set[str]) -> CommentRecord:
    """The comment with the mark of a moderator, where its author is one of these."""
    said = (record.name, record.username, record.email)
    if record.is_moderator or not any(one and one.casefold() in owners for one in said):
        return record
    return replace(record, is_moderator=True)


def _prepared(record: CommentRecord, *, is_ours: bool) -> Prepared:
    said, refused = _digest(record), _refused(record)
    if refused == EMPTY:
        record = _place_only(record)
    ready, warnings = (None, ()) if refused == TOO_LONG else row.make(record, is_ours=is_ours)
    return Prepared(
        at=record.at,
        id=record.id,
        our_id=record.our_id,
        parent=record.parent,
        page_url=record.page_url,
        page_id=record.page_id,
        page_key=record.page_key,
        said=said,
        state=record.state.value,
        refused=refused,
        row=pickle.dumps(ready and tuple(ready), pickle.HIGHEST_PROTOCOL),
        warnings=warnings,
        stand_in=None if record.is_dated else record.created,
    )


def _refused(record: CommentRecord) -> str | None:
    # One that was removed may have lost its text.
    if not record.text.strip() and record.state is not State.REMOVED:
        return EMPTY
    return TOO_LONG if len(record.text) > MOST_TEXT else None


def _place_only(record: CommentRecord) -> CommentRecord:
    """A comment that says nothing, as no more than a place in the thread."""
    return replace(
        record,
        text="",
        state=State.REMOVED,
        name="",
        email=None,
        website=None,
        author_key=None,
        is_moderator=False,
        is_verified=False,
        is_pinned=False,
    )


def _digest(record: CommentRecord) -> bytes:
    """What tells two comments apart that have the same id in their file."""
    # What stands in for a date may be today's, and another in each run.
    created = str(record.created) if record.is_dated else None
    said = (record.text, record.name, created, record.parent)
    return hashlib.sha256(repr(said).encode()).digest()[:8]
