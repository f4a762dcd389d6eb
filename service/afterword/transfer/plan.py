"""What an import will do, worked out before anything is written: places, ids, parents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from afterword.core import ids, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl, UnknownSite
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment
from afterword.transfer.record import CommentRecord, PageRecord, Record
from afterword.transfer.report import Report

MOST_TEXT = 64 * 1024
_AT_ONCE = 500


@dataclass(frozen=True)
class Place:
    """Where something of the file goes: a page's key and address."""

    key: str
    url: str


@dataclass(frozen=True)
class Planned:
    """One comment that will be written, or is there already."""

    record: CommentRecord
    place: Place
    id: str
    is_new: bool


class Plan:
    """The file's comments with their places and ids; what cannot go in is counted in the report."""

    def __init__(
        self,
        records: Sequence[Record],
        *,
        site: KnownSite,
        site_origin: str | None,
        report: Report,
    ) -> None:
        self._site = site
        self._report = report
        self._moved = urls.host_of(site_origin) if site_origin else None
        self.pages = [
            (place, record)
            for record in records
            if isinstance(record, PageRecord)
            and (place := self._place(record.url, record.page_id)) is not None
        ]
        comments = [record for record in records if isinstance(record, CommentRecord)]
        report.rows = len(comments)
        self.comments = self._with_ids(self._with_places(comments))

    def parents(self) -> dict[str, str | None]:
        """The parent of each planned comment, by our ids: on its page, without cycles."""
        by_source = {planned.record.id: planned for planned in self.comments}
        chosen: dict[str, str | None] = {}
        for planned in self.comments:
            chosen[planned.id] = self._parent(planned, by_source)
        self._break_cycles(chosen)
        return chosen

    def _with_places(self, records: list[CommentRecord]) -> list[tuple[CommentRecord, Place]]:
        placed, seen = [], set()
        for record in records:
            reason = None
            place = self._place(record.page_url, record.page_id)
            if place is None:
                reason = "foreign_host"
            elif record.id in seen:
                reason = "duplicate_id"
            elif len(record.text) > MOST_TEXT:
                reason = "too_long"
            elif not record.text.strip():
                reason = "empty_text"
            seen.add(record.id)
            if reason is None and place is not None:
                placed.append((record, place))
            else:
                self._report.skipped[reason or "foreign_host"] += 1
        return placed

    def _with_ids(self, placed: list[tuple[CommentRecord, Place]]) -> list[Planned]:
        wanted = [record.id for record, _ in placed]
        derived = {source: self._derived(source) for source in wanted}
        owners = _owners([*wanted, *derived.values()])
        planned = []
        for record, place in placed:
            own_id = record.id
            if not ids.is_id(own_id) or owners.get(own_id, self._site.id) != self._site.id:
                own_id = derived[record.id]
                self._report.warn(f"line {record.line}: {record.id!r} became {own_id}")
            planned.append(Planned(record, place, own_id, is_new=own_id not in owners))
        return planned

    def _derived(self, source: str) -> str:
        """The same id for the same source in each run, so that a second run finds the first's."""
        said = hashlib.sha256(f"{self._site.id} {source}".encode("utf-8", "replace")).digest()
        number = int.from_bytes(said[:8]) | 1 << 64  # above every id that time will make
        return "".join(ids.ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))

    def _place(self, url: str, page_id: str | None) -> Place | None:
        try:
            address = urls.clean_url(url)
            if self._moved is not None and urls.host_of(address) == self._moved:
                address = self._site.origins[0] + address.removeprefix(urls.origin_of(address))
            if directory.of_url(address).id != self._site.id:
                return None
            return Place(self._site.page_key(address, page_id), address)
        except (BadUrl, UnknownSite):
            return None

    def _parent(self, planned: Planned, by_source: dict[str, Planned]) -> str | None:
        source = planned.record.parent
        if source is None:
            return None
        parent = by_source.get(source)
        if parent is None or parent.place.key != planned.place.key:
            where = "is not in the file" if parent is None else "is on another page"
            self._report.warn(f"line {planned.record.line}: its parent {source!r} {where}")
            return None
        return parent.id

    def _break_cycles(self, parents: dict[str, str | None]) -> None:
        done: set[str] = set()
        for start in parents:
            path: dict[str, None] = {}
            node: str | None = start
            while node is not None and node not in done:
                if node in path:
                    parents[node] = None
                    self._report.warn(f"{node}: it answers itself in a circle")
                    break
                path[node] = None
                node = parents.get(node)
            done.update(path)


def _owners(wanted: Sequence[str]) -> dict[str, int]:
    """The site of each of these ids that is taken."""
    taken: dict[str, int] = {}
    asked = [one for one in wanted if ids.is_id(one)]
    for start in range(0, len(asked), _AT_ONCE):
        rows = db.session.execute(
            select(Comment.id, Comment.site_id).where(
                Comment.id.in_(asked[start : start + _AT_ONCE])
            )
        )
        taken |= {row.id: row.site_id for row in rows}
    return taken
