"""The writing half of an import: rows are ready, so that it is short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import insert, select

from afterword.core import clock
from afterword.core.db import db
from afterword.core.errors import BadUrl
from afterword.identity.models import Author
from afterword.markup import plain
from afterword.moderation import posts
from afterword.sites.directory import KnownSite
from afterword.threads import counts, pages
from afterword.threads.models import Comment, Page, PageAlias
from afterword.transfer.places import MOST_KEY, Place
from afterword.transfer.plan import Plan
from afterword.transfer.record import PageRecord
from afterword.transfer.row import COLUMNS, Row

_AT_ONCE = 200


class Writer:
    """Writes pages, then comments, what is answered before its answers. Inside a transaction."""

    def __init__(self, site: KnownSite, plan: Plan, *, by: str) -> None:
        self._site = site
        self._by = by
        self._plan = plan
        self._authors: dict[str, str] = {}

    def add_pages(self, named: Iterable[tuple[Place, PageRecord]]) -> None:
        """Make the pages that the file describes; one that is there already stays as it is.

        Of several that are one page here, one that is closed closes it.
        """
        new: set[int] = set()
        for place, record in named:
            page = pages.find(self._site.id, place.key)
            if page is not None:
                if page.id in new and not record.is_open:
                    page.is_open = False
                continue
            page = self._page(place, record.title, record.created)
            page.is_open, page.reopened = record.is_open, record.reopened
            new.add(page.id)
            if record.post is not None:
                with suppress(BadUrl):  # nothing that could be asked
                    posts.bring(page, record.post, by=self._by)
            moved = dict(record.moved)
            for key in (*(one for one in record.aliases if one not in moved), *moved):
                self._lead(page, key, moved.get(key))

    def _lead(self, page: Page, written: str, url: str | None) -> None:
        """Let an older key lead to a page; with the address that it had there it can go back."""
        places = self._plan.places
        key = places.rehosted(written)
        if 0 < len(key) <= MOST_KEY and pages.find(self._site.id, key) is None:
            left = places.address(url) if url else None
            db.session.add(PageAlias(site_id=self._site.id, page_id=page.id, key=key, url=left))
            db.session.flush()

    def add_comments(self, number: int, rows: Iterable[Row]) -> int:
        """Write all comments of the page of this number and work out its counts. Answers how many
        they were."""
        place = self._plan.place(number)
        page: Page | None = None
        many = 0
        batch: list[dict[str, Any]] = []
        for row in rows:
            if page is None or (page.title is None and row.page_title):
                page = self._page(place, row.page_title, row.created)
            batch.append(self._columns(row, page))
            many += 1
            if len(batch) == _AT_ONCE:
                self._insert(batch)
                batch = []
        if batch:
            self._insert(batch)
        if page is not None:
            counts.recount(page.id)
        return many

    def _insert(self, batch: list[dict[str, Any]]) -> None:
        # Past the session, which would look at each row for what there is to remember of it.
        db.session.connection().execute(insert(Comment), batch)

    def _columns(self, row: Row, page: Page) -> dict[str, Any]:
        return {
            **dict(zip(COLUMNS, row.values, strict=True)),
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

    def _page(self, place: Place, title: str | None, created: dt.datetime | None) -> Page:
        page = pages.find(self._site.id, place.key)
        if page is None:
            page = pages.add(self._site.id, place.key, url=place.url, title=None)
            page.created = created or clock.now()
        if page.title is None and title:
            page.title = plain.title(title)
            db.session.flush()
        return page
