"""What a site holds, page by page, for formats that are written so."""

from __future__ import annotations

import html
from collections.abc import Iterator

from sqlalchemy import select

from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads.models import IN_THREAD, Comment, Page

_AT_ONCE = 500


def pages(site: KnownSite) -> Iterator[Page]:
    """The pages of a site, by number. Each is forgotten when the next is read."""
    last = 0
    while True:
        rows = select(Page).where(Page.site_id == site.id, Page.id > last)
        some = db.session.scalars(rows.order_by(Page.id).limit(_AT_ONCE)).all()
        for page in some:
            yield page
            last = page.id
        if len(some) < _AT_ONCE:
            return


def comments(page: Page) -> Iterator[Comment]:
    """All comments of a page, also those that nobody sees, what is answered before its answers.

    Other systems have no place beside a thread: likes there would be comments like any other.
    """
    rows = select(Comment).where(Comment.page_id == page.id, IN_THREAD)
    rows = rows.order_by(Comment.depth, Comment.created, Comment.id)
    for comment in db.session.scalars(rows.execution_options(yield_per=_AT_ONCE)):
        yield comment
        db.session.expunge(comment)


def shown(comment: Comment) -> str:
    """What a comment says as HTML, below the words of the page that it quotes."""
    if not comment.quote:
        return comment.html
    return f"<blockquote>{html.escape(comment.quote, quote=False)}</blockquote>\n{comment.html}"
