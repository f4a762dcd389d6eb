"""What an import will do, worked out before anything is written: places, ids, parents."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from afterword.core import ids, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl
from afterword.sites.directory import KnownSite
from afterword.threads import pages
from afterword.threads.models import Comment, Page, State
from afterword.transfer.record import CommentRecord, PageRecord
from afterword.transfer.report import Report

MOST_TEXT = 64 * 1024
MOST_KEY = 2100
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of the file goes: a page's key and address."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a comment hangs in its thread. ``parent`` and ``root`` are our ids."""

    parent: str | None
    root: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """A comment that has one of the ids of the file already."""

    site_id: int
    page_key: str
    root: str
    depth: int


@dataclass(slots=True)
class _Planned:
    line: int
    source: str
    parent: str | None
    place: Place
    id: str = ""


class Places:
    """Which page of the site an address in the file means."""

    def __init__(self, site: KnownSite, *, site_origin: str | None) -> None:
        self._site = site
        self._hosts = {urls.host_of(origin) for origin in site.origins}
        self._here = urls.host_of(site.origins[0])
        self._moved = urls.host_of(site_origin) if site_origin else None
        self._known: dict[tuple[str, str | None, str | None], Place | None] = {}

    def find(self, url: str, page_id: str | None, key: str | None) -> Place | None:
        """The place of a page; None where the address is none of this site's."""
        asked = (url, page_id, key)
        if asked not in self._known:
            self._known[asked] = self._worked_out(*asked)
        return self._known[asked]

    def rehosted(self, key: str) -> str:
        """A page's key with this site's host where it has the one of ``site_origin``."""
        host, slash, path = key.partition("/")
        return f"{self._here}/{path}" if slash and host == self._moved else key

    def _worked_out(self, url: str, page_id: str | None, key: str | None) -> Place | None:
        try:
            address = urls.clean_url(url)
            host = urls.host_of(address)
            if host == self._moved:
                address = self._site.origins[0] + address.removeprefix(urls.origin_of(address))
            elif host not in self._hosts:
                return None
            if key is None or page_id is not None or not 0 < len(key) <= MOST_KEY:
                key = self._site.page_key(address, page_id)
            else:
                key = self.rehosted(key)
        except BadUrl:
            return None
        there = pages.find(self._site.id, key)  # perhaps under the key that it has moved to
        return Place(there.key if there else key, address)


class Plan:
    """The file's comments with their places, ids and spots. What cannot go in is counted."""

    def __init__(
        self, records: Iterable[CommentRecord], *, site: KnownSite, places: Places, report: Report
    ) -> None:
        self._site = site
        self._report = report
        self.places = places
        self._planned: dict[int, _Planned] = {}
        self._placed(records)
        self._stored = _stored(
            one
            for planned in self._planned.values()
            for source in (planned.source, planned.parent)
            if source is not None
            for one in (source, _derived(site, source))
        )
        self._give_ids()
        self._new = {
            at: planned for at, planned in self._planned.items() if planned.id not in self._stored
        }
        report.existing = len(self._planned) - len(self._new)
        self._parents = self._chosen_parents()
        self._break_cycles()
        self._roots: dict[str, tuple[str, int]] = {
            one: (stored.root, stored.depth) for one, stored in self._stored.items()
        }

    def new(
        self, records: Iterable[CommentRecord]
    ) -> Iterator[tuple[CommentRecord, str, Place, Spot]]:
        """Each record that will be written, with its id, place and spot."""
        for at, record in enumerate(records):
            planned = self._new.get(at)
            if planned is not None:
                yield record, planned.id, planned.place, self._spot(planned.id)

    @property
    def coming(self) -> Collection[str]:
        """The ids of all that will be written."""
        return self._parents.keys()

    def pages(self, records: Iterable[PageRecord]) -> Iterator[tuple[Place, PageRecord]]:
        """Each page that belongs here, with its place."""
        for record in records:
            place = self.places.find(record.url, record.page_id, record.key)
            if place is not None:
                yield place, record

    def _placed(self, records: Iterable[CommentRecord]) -> None:
        seen: set[str] = set()
        for at, record in enumerate(records):
            self._report.rows += 1
            place = self.places.find(record.page_url, record.page_id, record.page_key)
            reason = self._skipped(record, seen)
            seen.add(record.id)
            if place is None:
                self._report.skipped["foreign_host"] += 1
            elif reason is not None:
                self._report.skipped[reason] += 1
                self._report.warn(f"line {record.line}: skipped ({reason})")
            else:
                self._planned[at] = _Planned(record.line, record.id, record.parent, place)

    def _skipped(self, record: CommentRecord, seen: set[str]) -> str | None:
        if record.id in seen:
            return "duplicate_id"
        if len(record.text) > MOST_TEXT:
            return "too_long"
        # A removed comment may have lost its text and still hold its replies together.
        if not record.text.strip() and record.state is not State.REMOVED:
            return "empty_text"
        return None

    def _give_ids(self) -> None:
        given: set[str] = set()
        for planned in self._planned.values():
            planned.id = self._id_for(planned.source, given)
            given.add(planned.id)
            if planned.id != planned.source:
                self._report.warn(f"line {planned.line}: {planned.source!r} became {planned.id}")

    def _id_for(self, source: str, given: set[str]) -> str:
        other = _derived(self._site, source)
        if other in self._stored:  # an earlier run had to choose it
            return other
        if ids.is_id(source) and source not in given and self._is_ours(source):
            return source
        while other in given:
            other = _derived(self._site, other)
        return other

    def _is_ours(self, own_id: str) -> bool:
        stored = self._stored.get(own_id)
        return stored is None or stored.site_id == self._site.id

    def _chosen_parents(self) -> dict[str, str | None]:
        by_source = {planned.source: planned for planned in self._planned.values()}
        return {planned.id: self._parent(planned, by_source) for planned in self._new.values()}

    def _parent(self, planned: _Planned, by_source: dict[str, _Planned]) -> str | None:
        source = planned.parent
        if source is None:
            return None
        in_file = by_source.get(source)
        parent_id = in_file.id if in_file else self._id_for(source, set())
        stored = self._stored.get(parent_id)
        if stored is not None and stored.site_id == self._site.id:
            key = stored.page_key
        elif in_file is not None:
            key = in_file.place.key
        else:
            self._say_rerooted(planned.line, f"its parent {source!r} is not in the file")
            return None
        if key != planned.place.key:
            self._say_rerooted(planned.line, f"its parent {source!r} is on another page")
            return None
        return parent_id

    def _say_rerooted(self, line: int, why: str) -> None:
        self._report.rerooted += 1
        self._report.warn(f"line {line}: {why}")

    def _break_cycles(self) -> None:
        lines = {planned.id: planned.line for planned in self._new.values()}
        done: set[str] = set()
        for start in self._parents:
            path: set[str] = set()
            node: str | None = start
            while node is not None and node not in done:
                if node in path:
                    self._parents[node] = None
                    self._say_rerooted(lines[node], "it answers itself in a circle")
                    break
                path.add(node)
                node = self._parents.get(node)
            done |= path

    def _spot(self, comment_id: str) -> Spot:
        parent = self._parents[comment_id]
        root, depth = self._root_of(comment_id)
        return Spot(parent, root if parent else None, depth)

    def _root_of(self, comment_id: str) -> tuple[str, int]:
        above: list[str] = []
        node = comment_id
        while node not in self._roots:
            parent = self._parents[node]
            if parent is None:
                self._roots[node] = (node, 0)
            else:
                above.append(node)
                node = parent
        root, depth = self._roots[node]
        for below in reversed(above):
            depth += 1
            self._roots[below] = (root, depth)
        return self._roots[comment_id]


def _derived(site: KnownSite, source: str) -> str:
    """The same id for the same source in each run, so that a second run finds the first's."""
    said = hashlib.sha256(f"{site.id} {source}".encode()).digest()
    number = int.from_bytes(said[:8]) | 1 << 64  # above every id that time will make
    return "".join(ids.ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def _stored(wanted: Iterable[str]) -> dict[str, _Stored]:
    """What there is under these ids, on any site."""
    asked = sorted({one for one in wanted if ids.is_id(one)})
    found: dict[str, _Stored] = {}
    for start in range(0, len(asked), _AT_ONCE):
        found |= _some_stored(asked[start : start + _AT_ONCE])
    return found


def _some_stored(asked: Sequence[str]) -> dict[str, _Stored]:
    rows = db.session.execute(
        select(Comment.id, Comment.site_id, Comment.root_id, Comment.depth, Page.key)
        .join(Page, Page.id == Comment.page_id)
        .where(Comment.id.in_(asked))
    )
    return {row.id: _Stored(row.site_id, row.key, row.root_id or row.id, row.depth) for row in rows}
