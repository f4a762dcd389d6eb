"""The writing half of an import, inside its transaction: rows are ready, so it is short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import insert, select, update

from afterword.core import clock
from afterword.core.db import db
from afterword.identity.models import Author
from afterword.markup import plain
from afterword.sites.directory import KnownSite
from afterword.threads import pages
from afterword.threads.models import Comment, Page, PageAlias
from afterword.transfer.plan import MOST_KEY, Place, Places
from afterword.transfer.record import PageRecord
from afterword.transfer.row import Row

_AT_ONCE = 500


class Writer:
    """Writes pages, then comments in the order of the file."""

    def __init__(self, site: KnownSite, places: Places) -> None:
        self._site = site
        self._places = places
        self._pages: dict[str, Page] = {}
        self._authors: dict[str, str] = {}

    def add_pages(self, named: Iterable[tuple[Place, PageRecord]]) -> None:
        """Make the pages that the file describes; one that is there already stays as it is."""
        for place, record in named:
            if pages.find(self._site.id, place.key) is not None:
                continue
            page = self._page(place, record.title, record.created)
            page.is_open = record.is_open
            for alias in map(self._places.rehosted, record.aliases):
                if 0 < len(alias) <= MOST_KEY and pages.find(self._site.id, alias) is None:
                    db.session.add(PageAlias(site_id=self._site.id, page_id=page.id, key=alias))
                    db.session.flush()

    def add_comments(self, rows: Iterable[Row], *, coming: Collection[str]) -> set[int]:
        """Write the comments, whose ids are ``coming``; answers the ids of their pages."""
        written: set[str] = set()
        early: list[dict[str, Any]] = []  # came before the comment that they answer
        touched: set[int] = set()
        batch: list[dict[str, Any]] = []
        for row in rows:
            columns = self._columns(row)
            above = (columns["parent_id"], columns["root_id"])
            if any(one in coming and one not in written for one in above):
                early.append({name: columns[name] for name in ("id", "parent_id", "root_id")})
                columns["parent_id"] = columns["root_id"] = None
            written.add(columns["id"])
            touched.add(columns["page_id"])
            batch.append(columns)
            if len(batch) == _AT_ONCE:
                db.session.execute(insert(Comment), batch)
                batch = []
        if batch:
            db.session.execute(insert(Comment), batch)
        if early:
            db.session.execute(update(Comment), early)
        return touched

    def _columns(self, row: Row) -> dict[str, Any]:
        page = self._page(row.place, row.page_title, row.columns["created"])
        author = self._author(row.author_key)
        return {**row.columns, "site_id": self._site.id, "page_id": page.id, "author_id": author}

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
        page = self._pages.get(place.key) or pages.find(self._site.id, place.key)
        if page is None:
            page = pages.add(self._site.id, place.key, url=place.url, title=None)
            page.created = created or clock.now()
        if page.title is None and title:
            page.title = plain.title(title)
        self._pages[place.key] = page
        return page
