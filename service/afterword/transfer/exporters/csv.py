"""A table for spreadsheets, safe to open: no cell of it begins as a formula does."""

from __future__ import annotations

from typing import BinaryIO

from sqlalchemy import select

from afterword.core import clock, spreadsheet, urls
from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads.models import IN_THREAD, Comment, Page
from afterword.transfer import own


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a site; answers the number of comments. What stands beside its threads is left out."""
    out.write((spreadsheet.BEGIN + spreadsheet.line(own.COLUMNS + own.LATER_COLUMNS)).encode())
    rows = (
        select(Comment, Page.url, Page.key)
        .join(Page, Page.id == Comment.page_id)
        .where(Comment.site_id == site.id, IN_THREAD)
        .order_by(Comment.created, Comment.id)
    )
    count = 0
    for row in db.session.execute(rows.execution_options(yield_per=1000)):
        out.write(spreadsheet.line(_cells(row.Comment, url=row.url, key=row.key)).encode())
        db.session.expunge(row.Comment)
        count += 1
    return count


def _cells(comment: Comment, *, url: str, key: str) -> tuple[str | None, ...]:
    who = (comment.name, comment.email, comment.website)
    what = (comment.text, clock.text(comment.created), comment.state.value, comment.format.value)
    return (comment.id, url, comment.parent_id, *who, *what, urls.own_id(key), comment.quote)
