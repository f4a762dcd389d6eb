"""Finding a page by its key, and making it with its first comment."""

from __future__ import annotations

from sqlalchemy import select

from afterword.core.db import db
from afterword.threads.models import Comment, Page, PageAlias


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


def version(site_id: int, key: str) -> tuple[int, int] | None:
    """(page id, version) by one indexed query; None where nobody commented yet."""
    row = db.session.execute(
        select(Page.id, Page.version).where(Page.site_id == site_id, Page.key == key)
    ).first()
    if row is None:
        page = find(site_id, key)
        return (page.id, page.version) if page else None
    return row.id, row.version


def version_around(comment_id: str) -> tuple[int, int] | None:
    """(page id, version) of the page that a comment is on; None where there is no such comment."""
    row = db.session.execute(
        select(Page.id, Page.version)
        .join(Comment, Comment.page_id == Page.id)
        .where(Comment.id == comment_id)
    ).first()
    return (row.id, row.version) if row else None
