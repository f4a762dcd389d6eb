"""What an import will do, worked out before anything is written: places, ids, parents."""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from sqlalchemy import select

from afterword.core import clock, ids
from afterword.core.batches import batched
from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page
from afterword.transfer.ledger import Entry, Given, Ledger, Stored
from afterword.transfer.places import FOREIGN, Place, Places
from afterword.transfer.prepare import EMPTY, Prepared
from afterword.transfer.record import PageRecord
from afterword.transfer.report import REASONS, Report
from afterword.transfer.row import COLUMNS, Row

_AT_ONCE = 500
_ALIKE = dt.timedelta(seconds=1)


class Plan:
    """The file's comments with their places and ids. What cannot go in is counted."""

    def __init__(  # noqa: PLR0913 - said by name
        self,
        ledger: Ledger,
        *,
        site: KnownSite,
        is_first: bool,
        lineage: str,
        places: Places,
        report: Report,
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._is_first = is_first  # no site has any comment yet
        self._lineage = lineage
        self._report = report
        self.places = places
        self._keys: dict[str, int] = {}
        self._places: list[Place] = []
        self._commented: set[int] = set()  # numbers of the pages that the file has comments of
        self._others: set[str] = set()  # ids that comments of other sites have
        self._unnamed = 0  # comments of our own formats whose id is none that one can have here

    def read(self, comments: Iterable[Prepared]) -> None:
        """Take in the comments of the file, in its order."""
        for some in batched(enumerate(comments), _AT_ONCE):
            self._take(some)
        for held in batched(self._ledger.held(), _AT_ONCE):
            self._take_held(held)
        if self._unnamed:
            self._report.warn(
                f"comments without an id that can be kept: {self._unnamed}; each got one"
            )
        self._commented = self._ledger.keys()
        self._hang()
        self._report.replies = self._ledger.count_replies()
        self._report.pages = self._ledger.pages()

    def place(self, page: int) -> Place:
        """Where the page of this number is."""
        return self._places[page]

    def places_from(self, page: int, many: int) -> list[Place]:
        """Where that page is, and those of the numbers behind it."""
        return self._places[page : page + many]

    def pages(self, records: Iterable[PageRecord]) -> Iterator[tuple[Place, PageRecord]]:
        """Each page that belongs here, with its place.

        Other systems name pages that nobody commented on: they come into being when somebody does.
        One that is closed has to be remembered as that.
        """
        for some in batched(records, _AT_ONCE):
            self.places.learn((record.url, record.page_id, record.key) for record in some)
            for record in some:
                place = self.places.find(record.url, record.page_id, record.key)
                if isinstance(place, Place) and self._matters(place, record):
                    yield place, record

    def _matters(self, place: Place, record: PageRecord) -> bool:
        is_commented = self._keys.get(place.key) in self._commented
        return not self._lineage or is_commented or not record.is_open

    def _take(self, some: Sequence[tuple[int, Prepared]]) -> None:
        candidates = [self._candidates(comment.id, comment.our_id) for _, comment in some]
        stored = self._stored(chain.from_iterable(candidates))
        self.places.learn(
            (comment.page_url, comment.page_id, comment.page_key) for _, comment in some
        )
        for (number, comment), own_ids in zip(some, candidates, strict=True):
            self._count(comment)
            place = self.places.find(comment.page_url, comment.page_id, comment.page_key)
            if isinstance(place, str):
                self._skip(comment.at, comment.id, place)
                if place == FOREIGN:
                    self._report.foreign[self.places.foreign(comment.page_url)] += 1
                continue
            given = Given(number, self._number(place), comment)
            if comment.refused == EMPTY:
                if not self._ledger.hold(given):
                    self._skip(comment.at, comment.id, EMPTY)
                continue
            source = comment.id
            before = self._ledger.said(source)
            if before not in {None, comment.said} and self._lineage:
                # The same id with other words: both stay.
                source = f"{source} {comment.said.hex()}"
                before = self._ledger.said(source)
                own_ids = self._candidates(source, comment.our_id)  # noqa: PLW2901
                stored |= self._stored(own_ids)
            if reason := "duplicate_id" if before is not None else comment.refused:
                self._skip(comment.at, comment.id, reason)
                continue
            self._enter(given, source, own_ids, stored)
        db.session.rollback()  # it all may take minutes: hold no snapshot of the database

    def _take_held(self, some: Sequence[tuple[Given, bool]]) -> None:
        """Of the comments that say nothing those go in that hold answers together."""
        said = [given.comment for given, _ in some]
        candidates = [self._candidates(comment.id, comment.our_id) for comment in said]
        stored = self._stored(chain.from_iterable(candidates))
        for (given, is_answered), own_ids in zip(some, candidates, strict=True):
            source = given.comment.id
            if is_answered:
                self._enter(given, source, own_ids, stored)
            else:
                self._skip(given.comment.at, source, EMPTY)

    def _enter(
        self, given: Given, source: str, candidates: Sequence[str], stored: dict[str, Stored]
    ) -> None:
        """Take in a comment; one that the site has is on the page on which it is there."""
        _, key, comment = given
        others = {
            one for one in candidates if self._lineage and _is_another(stored.get(one), comment)
        }
        if others:
            # Of an earlier file of another blog, whose system counts from one as this one's.
            further = self._candidates(f"{source} {comment.said.hex()}")
            candidates = [*(one for one in candidates if one not in others), *further]
            stored = stored | self._stored(further)
        entries = (
            self._entry(given, source, own_id, stored.get(own_id))
            for own_id in self._ids_for(candidates, stored)
        )
        entry = next(filter(self._ledger.add, entries))
        if not self._lineage and entry.id != source:
            self._rename(comment.at, source, entry.id)
        if entry.is_new:
            address = comment.page_id or comment.page_url
            place = address, self._places[key].key
            self._report.insert(comment.state, place, warnings=comment.warnings)
            self._ledger.keep(entry.number, comment.row)
        else:
            self._ledger.add_stored([stored[entry.id]])
            self._report.existing += 1

    def _entry(self, given: Given, source: str, own_id: str, there: Stored | None) -> Entry:
        number, key, comment = given
        return Entry(
            number=number,
            at=comment.at,
            source=source,
            parent=comment.parent,
            key=there.key if there else key,
            id=own_id,
            is_new=there is None,
            said=comment.said,
        )

    def _count(self, comment: Prepared) -> None:
        self._report.rows += 1
        if comment.stand_in is not None:
            self._report.undated += 1
            moment = clock.text(comment.stand_in)
            self._report.warn(f"{comment.at}: its date makes no sense, it took {moment}")

    def _rename(self, at: str, source: str, own_id: str) -> None:
        if ids.is_id(source):  # one that something else has
            self._report.warn(f"{at}: {source!r} became {own_id}")
        else:
            self._unnamed += 1

    def _skip(self, at: str, source: str, reason: str) -> None:
        self._report.skip(reason)
        self._ledger.leave_out(source)
        if reason != FOREIGN:
            self._report.warn(f"{at}: left out, {REASONS[reason]}")

    def _candidates(self, source: str, our_id: str | None = None) -> list[str]:
        """The ids that a comment may have here: the one that it had, and one by the file's own."""
        derived = self._derived(source)
        kept = (our_id or "") if self._lineage else source
        return [kept, derived] if ids.is_id(kept) else [derived]

    def _ids_for(self, candidates: Sequence[str], stored: dict[str, Stored]) -> Iterator[str]:
        """Our ids for a comment, the best one first; the next where another comment has it."""
        other = candidates[-1]
        if other in stored:  # an earlier run chose it
            yield other
        yield from (candidate for candidate in candidates if candidate not in self._others)
        while True:
            other = self._derived(other)
            yield other

    def _derived(self, source: str) -> str:
        """The same id for the same source in each run, so that a second run finds the first's."""
        of = f"{self._lineage} {source}" if self._lineage else source
        said = hashlib.sha256(f"{self._site.id} {of}".encode()).digest()
        number = int.from_bytes(said[:8]) | 1 << 64  # above every id that time will make
        return "".join(ids.ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))

    def _hang(self) -> None:
        elsewhere: list[tuple[str, str]] = []
        for some in batched(self._ledger.parents_elsewhere(), _AT_ONCE):
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
        for at, parent, is_known, is_left_out in self._ledger.rerooted():
            missing = "was left out" if is_left_out else "is not in the file"
            why = "is on another page" if is_known else missing
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
        if self._is_first:
            return found
        for some in batched(sorted(set(wanted)), _AT_ONCE):
            rows = db.session.execute(
                select(
                    *(Comment.id, Comment.site_id, Comment.root_id, Comment.depth, Page.key),
                    *(Comment.created, Comment.name, Comment.text),
                )
                .join(Page, Page.id == Comment.page_id)
                .where(Comment.id.in_(some))
            )
            for there in rows:
                if there.site_id != self._site.id:
                    self._others.add(there.id)
                    continue
                key = self._number(Place(there.key, ""))
                root = there.root_id or there.id
                said = (there.name or "", there.text)
                found[there.id] = Stored(there.id, key, root, there.depth, there.created, said)
        return found


def _is_another(there: Stored | None, comment: Prepared) -> bool:
    """Whether a comment that the site has under the same id is none of this file's.

    An edit leaves the date as it was, and another reading of dates leaves the words.
    """
    if there is None or comment.stand_in is not None:
        return False
    row = Row(*pickle.loads(comment.row))  # noqa: S301 - our own
    name, text = (row.values[COLUMNS.index(column)] for column in ("name", "text"))
    return abs(row.created - there.created) > _ALIKE and (name or "", text) != there.said
