"""What an owner does to pages: list, close and open, move to another address."""

from __future__ import annotations

from sqlalchemy import delete, select

from afterword.core import clock, urls
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.sites import directory
from afterword.threads import counts, pages
from afterword.threads.models import Page, PageAlias


def every(site_id: int | None = None) -> list[Page]:
    """All pages, of one site when it is said, by key."""
    rows = select(Page).order_by(Page.site_id, Page.key)
    if site_id is not None:
        rows = rows.where(Page.site_id == site_id)
    return list(db.session.scalars(rows))


def set_open(url: str, *, is_open: bool) -> Page:
    """Close or open a page to new comments. Raises NotFound for one without comments.

    Where pages close by their age, one that is opened stays open as long once more.
    """
    with transaction():
        page = _find(url)
        page.is_open = is_open
        page.reopened = clock.now() if is_open else page.reopened
        counts.touch(page.id)
    return page


def move(old: str, new: str, *, dry_run: bool = False) -> Page:
    """Give a thread its page's new address; the old one keeps leading to it.

    Raises NotFound when nothing is at the old address, Conflict when there are comments at the new.
    """
    site = directory.of_url(new)
    key = site.page_key(new)
    with transaction() as session:
        page = _find(old)
        if page.site_id != site.id:
            raise Conflict(f"{new} belongs to another site.")
        there = pages.find(site.id, key)
        if there is not None and there.id != page.id:
            raise Conflict(f"{new} has a thread of its own already.")
        if dry_run or page.key == key:
            return page
        session.execute(delete(PageAlias).where(PageAlias.site_id == site.id, PageAlias.key == key))
        session.add(PageAlias(site_id=site.id, page_id=page.id, key=page.key))
        page.key, page.url = key, urls.clean_url(new)
        counts.touch(page.id)
    return page


def _find(url: str) -> Page:
    site = directory.of_url(url)
    page = pages.find(site.id, site.page_key(url))
    if page is None:
        raise NotFound(f"Nobody has commented on {url} yet.")
    return page
