"""What an owner does to pages: list, find, close and open, move to another address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, or_, select

from afterword.core import clock, urls
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.moderation import audit
from afterword.moderation.scope import Scope, within
from afterword.sites import directory
from afterword.threads import counts, pages
from afterword.threads.models import Page, PageAlias

SHOWN = 50


@dataclass(frozen=True)
class Found:
    """Pages with the keys that they had before, by their number; where the next page begins."""

    pages: list[Page]
    aliases: dict[int, list[str]]
    next: int | None


def every(site_id: int | None = None) -> list[Page]:
    """All pages, of one site when it is said, by key."""
    rows = select(Page).order_by(Page.site_id, Page.key)
    if site_id is not None:
        rows = rows.where(Page.site_id == site_id)
    return list(db.session.scalars(rows))


def search(
    words: str = "", *, sites: Scope = None, after: int | None = None, limit: int = SHOWN
) -> Found:
    """A page of the pages whose title or address has these words, the newest first.

    Looked through by number from the newest on: a blog has thousands of pages, not millions.
    """
    rows = select(Page).order_by(Page.id.desc())
    rows = rows.where(Page.id < after) if after is not None else rows.where(Page.id > 0)
    rows = rows.where(*within(Page.site_id, sites))
    if words:
        wanted = (column.icontains(words, autoescape=True) for column in (Page.title, Page.url))
        rows = rows.where(or_(*wanted))
    found = list(db.session.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    return Found(shown, _aliases(shown), shown[-1].id if len(found) > limit else None)


def set_open(url: str, *, is_open: bool, by: str) -> Page:
    """Close or open a page to new comments. Raises NotFound for one without comments.

    Where pages close by their age, one that is opened stays open as long once more.
    """
    with transaction():
        page = find(url)
        _set_open(page, is_open=is_open, by=by)
    return page


def set_open_by_id(page_id: int, *, is_open: bool, by: str) -> Page:
    """The same for a page of this number, which also one without an address of its own has."""
    with transaction():
        page = by_id(page_id)
        _set_open(page, is_open=is_open, by=by)
    return page


def by_id(page_id: int) -> Page:
    """The page of this number. Raises NotFound."""
    page = db.session.get(Page, page_id, populate_existing=True)
    if page is None:
        raise NotFound("There is no such page.")
    return page


def find(url: str) -> Page:
    """The page at an address, which may be an older one of it. Raises NotFound."""
    site = directory.of_url(url)
    page = pages.find(site.id, site.page_key(url))
    if page is None:
        raise NotFound(f"Nobody has commented on {url} yet.")
    return page


def below(begins: str) -> list[tuple[Page, str]]:
    """The pages whose addresses begin so, each with what follows there. Raises NotFound for none.

    Pages that have an id of their own have no such place.
    """
    site = directory.of_url(begins)
    parts = urls.split(begins)
    head = parts.place + parts.path
    rows = select(Page).where(Page.site_id == site.id, Page.key.startswith(head, autoescape=True))
    found = [(page, page.key[len(head) :]) for page in db.session.scalars(rows.order_by(Page.key))]
    if not found:
        raise NotFound(f"Nobody has commented on a page whose address begins with {begins}.")
    return found


def move(old: str, new: str, *, by: str, dry_run: bool = False) -> Page:
    """Give a thread its page's new address; the old one keeps leading to it.

    Raises NotFound when nothing is at the old address, Conflict when there are comments at the new.
    """
    with transaction():
        return relocate(old, new, by=by, dry_run=dry_run)


def relocate(old: str, new: str, *, by: str, dry_run: bool = False) -> Page:
    """``move``, inside a transaction."""
    site = directory.of_url(new)
    key = site.page_key(new)
    page = find(old)
    if page.site_id != site.id:
        raise Conflict(f"{new} belongs to another site.")
    there = pages.find(site.id, key)
    if there is not None and there.id != page.id:
        raise Conflict(f"{new} has a thread of its own already.")
    if dry_run or page.key == key:
        return page
    at_new = (PageAlias.site_id == site.id, PageAlias.key == key)
    db.session.execute(delete(PageAlias).where(*at_new))
    db.session.add(PageAlias(site_id=site.id, page_id=page.id, key=page.key))
    page.key, page.url = key, urls.clean_url(new)
    counts.touch(page.id)
    audit.note("move", by=by, note=f"{old} to {new}", site_id=page.site_id)
    return page


def _set_open(page: Page, *, is_open: bool, by: str) -> None:
    page.is_open = is_open
    page.reopened = clock.now() if is_open else page.reopened
    counts.touch(page.id)
    audit.note("open" if is_open else "close", by=by, note=page.url, site_id=page.site_id)


def _aliases(found: list[Page]) -> dict[int, list[str]]:
    rows = (
        select(PageAlias.page_id, PageAlias.key)
        .where(PageAlias.page_id.in_([page.id for page in found]))
        .order_by(PageAlias.id)
    )
    aliases: dict[int, list[str]] = {}
    for page_id, key in db.session.execute(rows):
        aliases.setdefault(page_id, []).append(key)
    return aliases
