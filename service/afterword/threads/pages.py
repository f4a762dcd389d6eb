"""Finding a page by its key, and making it with its first comment."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Row, select

from afterword.core import clock
from afterword.core.db import db
from afterword.threads.models import Comment, Page, PageAlias

Version = tuple[int, int, str]


def find(site_id: int, key: str) -> Page | None:
    """The page that has this key now, or had it before it moved."""
    page = db.session.scalar(select(Page).where(Page.site_id == site_id, Page.key == key))
    if page is not None:
        return page
    return db.session.scalar(
        select(Page)
        .join(PageAlias, PageAlias.page_id == Page.id)
        .where(PageAlias.site_id == site_id, PageAlias.key == key)
    )


def add(site_id: int, key: str, *, url: str, title: str | None) -> Page:
    """A new page, for its first comment. Inside a transaction."""
    page = Page(site_id=site_id, key=key, url=url, title=title, count=0, version=0)
    db.session.add(page)
    db.session.flush()
    return page


def version(site_id: int, key: str) -> Version | None:
    """What names the state of a page, by one indexed query; None where nobody commented yet."""
    row = db.session.execute(_STATE.where(Page.site_id == site_id, Page.key == key)).first()
    if row is None:
        page = find(site_id, key)
        return version_of(page) if page else None
    return version_of(row)


def version_around(comment_id: str) -> Version | None:
    """What names the state of the page that a comment is on; None without such a comment."""
    row = db.session.execute(
        _STATE.join(Comment, Comment.page_id == Page.id).where(Comment.id == comment_id)
    ).first()
    return version_of(row) if row else None


def version_of(page: Page | Row[int, int, dt.datetime | None]) -> Version:
    """What names the state of this page, among all that it ever had."""
    return page.id, page.version, clock.text(page.changed) if page.changed else ""


_STATE = select(Page.id, Page.version, Page.changed)
