"""Our own format, JSON lines: everything, in an order that depends on nothing but the content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from sqlalchemy import select

from afterword.core import clock, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl
from afterword.identity.models import Author
from afterword.sites import options
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page, PageAlias

VERSION = 1
_AT_ONCE = 1000


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a site; answers the number of comments. Constant memory, whatever the number."""
    count = 0
    for line in _lines(site):
        count += line.get("type") == "comment"
        out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return count


def _lines(site: KnownSite) -> Iterator[dict[str, Any]]:
    said = {"key": site.key, "origins": list(site.origins)}
    yield {"afterword": VERSION, "site": {**said, "options": options.portable(site.options)}}
    pages = select(Page).where(Page.site_id == site.id).order_by(_plainly(Page.key))
    for page in db.session.scalars(pages.execution_options(yield_per=_AT_ONCE)):
        yield _page(page, key=_key(site, url=page.url, key=page.key))
    comments = (
        select(Comment, Page.url, Page.key, Author.token_hash)
        .join(Page, Page.id == Comment.page_id)
        .outerjoin(Author, Author.id == Comment.author_id)
        .where(Comment.site_id == site.id)
        .order_by(Comment.created, _plainly(Comment.id))
    )
    for row in db.session.execute(comments.execution_options(yield_per=_AT_ONCE)):
        place = {
            "page_url": row.url,
            "page_id": urls.own_id(row.key),
            "page_key": _key(site, url=row.url, key=row.key),
        }
        yield _comment(row.Comment, place=place, author_key=row.token_hash)
        db.session.expunge(row.Comment)


def _page(page: Page, *, key: str | None) -> dict[str, Any]:
    rows = select(PageAlias).where(PageAlias.page_id == page.id).order_by(PageAlias.id)
    aliases = list(db.session.scalars(rows))
    return _said(
        type="page",
        url=page.url,
        page_id=urls.own_id(page.key),
        key=key,
        title=page.title,
        is_named=None if page.is_named else False,
        is_open=page.is_open,
        reopened=clock.text(page.reopened) if page.reopened else None,
        aliases=sorted(alias.key for alias in aliases),
        # In the order of the moves, for the last is the one that is taken back first.
        moved=[{"key": alias.key, "url": alias.url} for alias in aliases if alias.url],
        post=page.post,
        created=clock.text(page.created),
    )


def _comment(
    comment: Comment, *, place: dict[str, str | None], author_key: str | None
) -> dict[str, Any]:
    return _said(
        type="comment",
        id=comment.id,
        **place,
        waiting_title=comment.page_title,
        waiting_url=comment.page_url,
        parent=comment.parent_id,
        author={
            "name": comment.name,
            **_said(email=comment.email, website=comment.website, key=author_key),
        },
        text=comment.text,
        format=comment.format.value,
        created=clock.text(comment.created),
        edited=clock.text(comment.edited) if comment.edited else None,
        state=comment.state.value,
        reasons=comment.reasons,
        up=comment.up or None,
        down=comment.down or None,
        reactions=comment.reactions,
        pinned=comment.is_pinned or None,
        is_moderator=comment.is_moderator or None,
        is_verified=comment.is_verified or None,
        lang=comment.lang,
        quote=comment.quote,
        quote_prefix=comment.quote_prefix,
        quote_suffix=comment.quote_suffix,
        source=comment.source,
        mention=comment.mention.value if comment.mention else None,
        said=clock.text(comment.said) if comment.said else None,
    )


def _plainly(column: Any) -> Any:
    """The column in the order of its code points, as SQLite sorts and PostgreSQL may not."""
    return column.collate("C") if db.engine.dialect.name == "postgresql" else column


def _key(site: KnownSite, *, url: str, key: str) -> str | None:
    """The key of a page that its address does not lead to: the site's choices were others then."""
    if urls.own_id(key) is not None:
        return None
    try:
        return None if site.page_key(url) == key else key
    except BadUrl:
        return key


def _said(**fields: Any) -> dict[str, Any]:
    """Only what there is to say: empty lists and Nones are left out."""
    return {name: value for name, value in fields.items() if value not in (None, [], {})}
