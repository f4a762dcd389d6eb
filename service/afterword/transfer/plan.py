"""What an import will do, worked out before anything is written: places, ids, parents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from afterword.core import ids
from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page, State
from afterword.transfer.ledger import Entry, Ledger, Spot, Stored
from afterword.transfer.places import FOREIGN, Place, Places
from afterword.transfer.record import CommentRecord, PageRecord
from afterword.transfer.report import REASONS, Report

MOST_TEXT = 64 * 1024
_AT_ONCE = 500

T = TypeVar("T")


class New(NamedTuple):
    """A comment that will be written: its number, our id for it, its page's number, its spot."""

    number: int
    record: CommentRecord
    id: str
    page: int
    spot: Spot


class Plan:
    """The file's comments with their places, ids and spots. What cannot go in is counted."""

    def __init__(
        self, ledger: Ledger, *, site: KnownSite, lineage: str, places: Places, report: Report
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._lineage = lineage
        self._report = report
        self.places = places
        self._keys: dict[str, int] = {}
        self._places: list[Place] = []
        self._others: set[str] = set()  # ids that comments of other sites have

    def read(self, records: Iterable[CommentRecord]) -> None:
        """Take in the comments of the file, in its order."""
        for some in _batched(enumerate(records)):
            self._take(some)
        self._hang()
        self._report.pages = self._ledger.pages()

    def new(self, records: Iterable[CommentRecord]) -> Iterator[New]:
        """Each record that will be written, in the file's order."""
        numbered = enumerate(records)
        for number, own_id, key, spot in self._ledger.spots():
            record = next(record for at, record in numbered if at == number)
            yield New(number, record, own_id, key, spot)

    def place(self, page: int) -> Place:
        """Where the page of this number is."""
        return self._places[page]

    def pages(self, records: Iterable[PageRecord]) -> Iterator[tuple[Place, PageRecord]]:
        """Each page that belongs here, with its place.

        Other systems name pages that nobody commented on: they come into being when somebody does.
        One that is closed has to be remembered as that.
        """
        for record in records:
            place = self.places.find(record.url, record.page_id, record.key)
            if isinstance(place, Place) and self._matters(place, record):
                yield place, record

    def _matters(self, place: Place, record: PageRecord) -> bool:
        return not self._lineage or place.key in self._keys or not record.is_open

    def _take(self, some: Sequence[tuple[int, CommentRecord]]) -> None:
        candidates = {record.id: self._candidates(record.id) for _, record in some}
        stored = self._stored(chain.from_iterable(candidates.values()))
        for number, record in some:
            self._report.rows += 1
            place = self.places.find(record.page_url, record.page_id, record.page_key)
            if isinstance(place, str):
                self._skip(record, place)
                continue
            source, said = record.id, _digest(record)
            before = self._ledger.said(source)
            if before not in {None, said} and self._lineage:
                # The same id with other words: both stay.
                source = f"{source} {said.hex()}"
                before = self._ledger.said(source)
                candidates[source] = self._candidates(source)
                stored |= self._stored(candidates[source])
            if reason := _skipped(record, is_known=before is not None):
                self._skip(record, reason)
                continue
            own_id = self._id_for(candidates[source], stored)
            if not self._lineage and own_id != record.id:
                self._report.warn(f"{record.at}: {record.id!r} became {own_id}")
            key, is_new = self._keyed(record, place, stored.get(own_id)), own_id not in stored
            entry = Entry(number, record.at, source, record.parent, key, own_id, is_new, said)
            self._ledger.add(entry)

    def _skip(self, record: CommentRecord, reason: str) -> None:
        self._report.skip(reason)
        if reason == FOREIGN:
            self._report.foreign[self.places.foreign(record.page_url)] += 1
        else:
            self._report.warn(f"{record.at}: left out, {REASONS[reason]}")

    def _keyed(self, record: CommentRecord, place: Place, there: Stored | None) -> int:
        """The number of the page of a comment; of one that the site has, that which it is on."""
        if there is not None:
            self._ledger.add_stored([there])
            self._report.existing += 1
            return there.key
        self._report.places[record.page_id or record.page_url, place.key] += 1
        return self._number(place)

    def _candidates(self, source: str) -> list[str]:
        """The ids that a comment may have here, by the file's own; the last is one of ours."""
        derived = self._derived(source)
        return [source, derived] if not self._lineage and ids.is_id(source) else [derived]

    def _id_for(self, candidates: Sequence[str], stored: dict[str, Stored]) -> str:
        other = candidates[-1]
        if other in stored:  # an earlier run chose it
            return other
        for candidate in candidates:
            if candidate not in self._others and not self._ledger.has_id(candidate):
                return candidate
        while self._ledger.has_id(other):
            other = self._derived(other)
        return other

    def _derived(self, source: str) -> str:
        """The same id for the same source in each run, so that a second run finds the first's."""
        of = f"{self._lineage} {source}" if self._lineage else source
        said = hashlib.sha256(f"{self._site.id} {of}".encode()).digest()
        number = int.from_bytes(said[:8]) | 1 << 64  # above every id that time will make
        return "".join(ids.ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))

    def _hang(self) -> None:
        elsewhere: list[tuple[str, str]] = []
        for some in _batched(self._ledger.parents_elsewhere()):
            asked = {source: self._candidates(source) for source in some}
            stored = self._stored(own for candidates in asked.values() for own in candidates)
            self._ledger.add_stored(stored.values())
            elsewhere += (
                (own, source)
                for source, candidates in asked.items()
                for own in reversed(candidates)  # the one that an earlier run chose goes first
                if own in stored
            )
        self._ledger.answer(elsewhere)
        for at, parent, is_known in self._ledger.rerooted():
            why = "is on another page" if is_known else "is not in the file"
            self._say_rerooted(at, f"its parent {parent!r} {why}")
        for at in self._ledger.hang():
            self._say_rerooted(at, "it answers itself in a circle")

    def _say_rerooted(self, at: str, why: str) -> None:
        self._report.rerooted += 1
        self._report.warn(f"{at}: {why}")

    def _number(self, place: Place) -> int:
        if place.key not in self._keys:
            self._keys[place.key] = len(self._places)
            self._places.append(place)
        return self._keys[place.key]

    def _stored(self, wanted: Iterable[str]) -> dict[str, Stored]:
        """What this site has under these ids. Those that another site has are noted."""
        found: dict[str, Stored] = {}
        for some in _batched(sorted(set(wanted))):
            rows = db.session.execute(
                select(Comment.id, Comment.site_id, Comment.root_id, Comment.depth, Page.key)
                .join(Page, Page.id == Comment.page_id)
                .where(Comment.id.in_(some))
            )
            for row in rows:
                if row.site_id != self._site.id:
                    self._others.add(row.id)
                    continue
                key = self._number(Place(row.key, ""))
                found[row.id] = Stored(row.id, key, row.root_id or row.id, row.depth)
        return found


def _skipped(record: CommentRecord, *, is_known: bool) -> str | None:
    """Why a comment does not go in."""
    if is_known:
        return "duplicate_id"
    if len(record.text) > MOST_TEXT:
        return "too_long"
    # A removed comment may have lost its text and still hold its replies together.
    if not record.text.strip() and record.state is not State.REMOVED:
        return "empty_text"
    return None


def _digest(record: CommentRecord) -> bytes:
    """What tells two comments apart that have the same id in their file."""
    # What stands in for a date may be today's, and another in each run.
    created = str(record.created) if record.is_dated else None
    said = (record.text, record.name, created, record.parent)
    return hashlib.sha256(repr(said).encode()).digest()[:8]


def _batched(every: Iterable[T]) -> Iterator[list[T]]:
    """As many at once as one question to the database should be about."""
    left = iter(every)
    while some := list(islice(left, _AT_ONCE)):
        yield some
