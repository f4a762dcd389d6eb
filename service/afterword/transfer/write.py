"""The writing half of an import, inside its transaction."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select

from afterword.core import clock
from afterword.core.db import db
from afterword.core.errors import Problem
from afterword.identity.models import Author
from afterword.markup import links, plain
from afterword.markup.render import MAX_LENGTH, render, sanitise
from afterword.sites.directory import KnownSite
from afterword.threads import pages, score
from afterword.threads.models import Comment, Format, Page, PageAlias
from afterword.transfer.plan import Place, Plan, Planned
from afterword.transfer.record import CommentRecord
from afterword.transfer.report import Report

_AT_ONCE = 500


class Writer:
    """Writes a plan: pages first, then comments, parents before their replies."""

    def __init__(self, plan: Plan, *, site: KnownSite, report: Report) -> None:
        self._plan = plan
        self._site = site
        self._report = report
        self._pages: dict[str, Page] = {}
        self._authors: dict[str, str] = {}

    def write(self) -> list[int]:
        """Write everything; answers the ids of the pages that got comments."""
        for place, record in self._plan.pages:
            self._page(place, record.title, record.is_open, record.created, record.aliases)
        parents = self._plan.parents()
        spots = _Spots(parents)
        touched: set[int] = set()
        batch: list[dict[str, Any]] = []
        new = [planned for planned in self._plan.comments if planned.is_new]
        self._report.existing = len(self._plan.comments) - len(new)
        # By depth: a parent is always written before its replies, and rows of one depth together.
        for planned in sorted(new, key=lambda one: spots.of(one.id)[1]):
            row = self._row(planned, parents[planned.id], spots.of(planned.id))
            touched.add(row["page_id"])
            batch.append(row)
            if len(batch) == _AT_ONCE:
                db.session.execute(insert(Comment), batch)
                batch = []
        if batch:
            db.session.execute(insert(Comment), batch)
        self._report.pages = len(touched)
        return sorted(touched)

    def _row(self, planned: Planned, parent: str | None, spot: tuple[str, int]) -> dict[str, Any]:
        record = planned.record
        page = self._page(planned.place, record.page_title)
        root, depth = spot
        self._report.inserted += 1
        self._report.states[record.state.value] += 1
        self._report.replies += parent is not None
        text = self._cleaned(record, "text", record.text, plain.clean) or record.text
        return {
            "id": planned.id,
            "site_id": self._site.id,
            "page_id": page.id,
            "parent_id": parent,
            "root_id": root if parent else None,
            "depth": depth,
            "author_id": self._author(record.author_key),
            "name": self._cleaned(record, "name", record.name[: plain.MAX_NAME], plain.name) or "",
            "email": self._cleaned(record, "email", record.email, plain.email),
            "website": self._cleaned(record, "website", record.website, links.website),
            "is_moderator": record.is_moderator,
            "text": text,
            "format": record.format,
            "html": self._html(record, text),
            "quote": record.quote,
            "lang": record.lang,
            "state": record.state,
            "reasons": list(record.reasons),
            "is_pinned": record.is_pinned,
            "up": record.up,
            "down": record.down,
            "best": score.best(record.up, record.down),
            "reactions": record.reactions,
            "created": record.created,
            "edited": record.edited,
        }

    def _html(self, record: CommentRecord, text: str) -> str:
        try:
            return (
                sanitise(text) if record.format is Format.HTML else render(text, limit=MAX_LENGTH)
            )
        except Problem as problem:
            # Longer or stranger than we take from visitors; somebody said it, so it stays.
            self._report.warn(f"line {record.line}: kept as plain text ({problem.detail})")
            paragraphs = (html.escape(part) for part in text.split("\n\n") if part.strip())
            return sanitise("".join(f"<p>{part}</p>\n" for part in paragraphs))

    def _cleaned(
        self,
        record: CommentRecord,
        what: str,
        written: str | None,
        clean: Callable[[str], str | None],
    ) -> str | None:
        """The value as taken from a visitor; dropped, with a warning, where it would be refused."""
        if not written:
            return None
        try:
            return clean(written)
        except Problem as problem:
            self._report.warn(f"line {record.line}: {what} left out ({problem.detail})")
            return None

    def _author(self, key: str | None) -> str | None:
        """The author with this digest of a secret, so that a returning guest is known again."""
        if key is None:
            return None
        if key not in self._authors:
            author = db.session.scalar(
                select(Author).where(Author.site_id == self._site.id, Author.token_hash == key)
            ) or Author(site_id=self._site.id, token_hash=key[:64])
            db.session.add(author)
            db.session.flush()
            self._authors[key] = author.id
        return self._authors[key]

    def _page(
        self,
        place: Place,
        title: str | None,
        is_open: bool = True,
        created: Any = None,
        aliases: tuple[str, ...] = (),
    ) -> Page:
        page = self._pages.get(place.key)
        if page is None:
            page = pages.find(self._site.id, place.key)
        if page is None:
            cleaned = plain.title(title) if title else None
            page = pages.add(self._site.id, place.key, url=place.url, title=cleaned)
            page.is_open, page.created = is_open, created or clock.now()
            for alias in aliases:
                if pages.find(self._site.id, alias) is None:
                    db.session.add(PageAlias(site_id=self._site.id, page_id=page.id, key=alias))
                    db.session.flush()
        self._pages[place.key] = page
        return page


class _Spots:
    """Root and depth of each comment, from its parents."""

    def __init__(self, parents: dict[str, str | None]) -> None:
        self._parents = parents
        self._known: dict[str, tuple[str, int]] = {}

    def of(self, comment_id: str) -> tuple[str, int]:
        path = []
        node = comment_id
        while node not in self._known and self._parents.get(node) is not None:
            path.append(node)
            node = str(self._parents[node])
        root, depth = self._known.setdefault(node, (node, 0))
        for below in reversed(path):
            depth += 1
            self._known[below] = (root, depth)
        return self._known[comment_id]
