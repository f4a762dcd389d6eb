"""The writing half of an import: rows are ready, so that it is short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import insert, select

from afterword.core import clock
from afterword.core.batches import batched
from afterword.core.db import db
from afterword.core.errors import BadUrl
from afterword.identity.models import Author
from afterword.markup import plain
from afterword.moderation import posts
from afterword.sites.directory import KnownSite
from afterword.threads import counts, pages
from afterword.threads.models import Comment, Page, PageAlias
from afterword.transfer.ledger import Spot
from afterword.transfer.places import MOST_KEY, Place
from afterword.transfer.plan import Plan
from afterword.transfer.record import PageRecord
from afterword.transfer.row import COLUMNS, Row

_AT_ONCE = 500  # rows of some 40 values: SQLite takes 32,766 in a statement
_PAGES = 100  # that are looked for together


class Writer:
    """Writes pages, then comments, what is answered before its answers. Inside a transaction."""

    def __init__(self, site: KnownSite, plan: Plan, *, by: str) -> None:
        self._site = site
        self._by = by
        self._plan = plan
        self._authors: dict[str, str] = {}
        self._pages: dict[str, Page | None] = {}  # by key: those that were looked for
        self._waiting: list[tuple[Spot, Row, Page]] = []
        self._changed: list[Page] = []
        self._unnamed: set[str] = set()  # keys of pages that nobody but visitors named

    @property
    def site_id(self) -> int:
        return self._site.id

    def add_pages(self, named: Iterable[tuple[Place, PageRecord]]) -> None:
        """Make the pages that the file describes; one that is there already stays as it is.

        Of several that are one page here, one that is closed closes it.
        """
        new: set[int] = set()
        for some in batched(named, _PAGES):
            self._look_for([place for place, _ in some])
            begun: list[Page] = []
            for place, record in some:
                if not record.is_named:
                    self._unnamed.add(place.key)
                page = self._pages[place.key]
                if page is None:
                    begun.append(self._begun_as(place, record))
                elif (page in begun or page.id in new) and not record.is_open:
                    page.is_open = False
            db.session.flush()
            new |= {page.id for page in begun}
            self._pages = {}  # a file may name more of them than memory holds

    def _begun_as(self, place: Place, record: PageRecord) -> Page:
        page = self._begun(place, record.title, record.created)
        page.is_open, page.reopened = record.is_open, record.reopened
        page.is_named = record.is_named
        if record.post is not None:
            db.session.flush()
            with suppress(BadUrl):  # nothing that could be asked
                posts.bring(page, record.post, by=self._by)
        moved = dict(record.moved)
        for key in (*(one for one in record.aliases if one not in moved), *moved):
            self._lead(page, key, moved.get(key))
        return page

    def _lead(self, page: Page, written: str, url: str | None) -> None:
        """Let an older key lead to a page; with the address that it had there it can go back."""
        places = self._plan.places
        key = places.rehosted(written)
        if 0 < len(key) <= MOST_KEY and pages.find(self._site.id, key) is None:
            left = places.address(url) if url else None
            db.session.flush()
            db.session.add(PageAlias(site_id=self._site.id, page_id=page.id, key=key, url=left))
            self._pages[key] = page

    def add_comments(self, number: int, rows: Iterable[tuple[Spot, Row]]) -> int:
        """Take all comments of the page of this number, what is answered first. Answers how many
        they were; they are all there once it was ``settle``d."""
        page: Page | None = None
        many = 0
        for spot, row in rows:
            if page is None or (page.title is None and row.page_title):
                page = self._page(number, row)
            self._waiting.append((spot, row, page))
            many += 1
            if len(self._waiting) == _AT_ONCE:
                self._insert()
        if page is not None:
            self._changed.append(page)
        return many

    def settle(self) -> None:
        """Write what waits, and work out the counts of the pages. Ends each transaction."""
        if self._waiting:
            self._insert()
        if self._changed:
            counts.recount(*(page.id for page in self._changed))
        self._changed = []
        self._pages = {}

    def _insert(self) -> None:
        """Many rows by one statement, in the order of time.

        For each statement, and for each row that is older than the one before it, FTS5 writes out
        what it has gathered of the index, which takes longer than all the rest.
        """
        db.session.flush()  # the pages, which get their ids
        self._waiting.sort(key=lambda one: one[1].created)
        said = [row.values for _, row, _ in self._waiting]
        # Half of the columns, in most files, have nothing in them: those shall take no time.
        filled = {
            name: place
            for place, name in enumerate(COLUMNS)
            if any(values[place] is not None for values in said)
        }
        rows = [self._columns(*one, filled) for one in self._waiting]
        # Past the session, which would look at each row for what there is to remember of it.
        db.session.connection().execute(insert(Comment), rows)
        self._waiting = []

    def _columns(self, spot: Spot, row: Row, page: Page, filled: dict[str, int]) -> dict[str, Any]:
        said = {name: row.values[place] for name, place in filled.items()}
        if url := said.get("page_url"):
            said["page_url"] = self._plan.places.own_address(url)
        return {
            **said,
            "id": spot.id,
            "parent_id": spot.parent,
            "root_id": spot.root,
            "depth": spot.depth,
            "site_id": self._site.id,
            "page_id": page.id,
            "author_id": self._author(row.author_key),
            # The version that counting gives the page: who reads on from an earlier one sees them.
            "version": page.version + 1,
            "appeared": page.version + 1,
        }

    def _author(self, key: str | None) -> str | None:
        """The author with this digest of a secret, so that a returning guest is known again."""
        if key is None:
            return None
        if key not in self._authors:
            author = db.session.scalar(
                select(Author).where(Author.site_id == self._site.id, Author.token_hash == key)
            ) or Author(site_id=self._site.id, token_hash=key)
            db.session.add(author)
            db.session.flush()
            self._authors[key] = author.id
        return self._authors[key]

    def _page(self, number: int, row: Row) -> Page:
        place = self._plan.place(number)
        if place.key not in self._pages:
            self._look_for(self._plan.places_from(number, _PAGES))
        page = self._pages[place.key]
        if page is None:
            return self._begun(place, row.page_title, row.created)
        is_named = page.count or page.is_named or place.key in self._unnamed
        if not is_named:  # nobody but those who wait has said its address
            page.url, page.is_named = place.url, True
        if page.title is None and row.page_title:
            page.title = plain.title(row.page_title)
        return page

    def _look_for(self, places: Iterable[Place]) -> None:
        keys = {place.key for place in places if place.key not in self._pages}
        there = pages.by_key(self._site.id, keys)
        self._pages |= {key: there.get(key) for key in keys}

    def _begun(self, place: Place, title: str | None, created: dt.datetime | None) -> Page:
        title = plain.title(title) if title else None
        page = pages.begin(self._site.id, place.key, url=place.url, title=title, is_named=True)
        page.created = created or clock.now()
        self._pages[place.key] = page
        return page
