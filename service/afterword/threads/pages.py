"""Finding a page by its key, and making it with its first comment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, bindparam, select, union_all

from afterword.core import clock, urls
from afterword.core.batches import batched
from afterword.core.db import db
from afterword.sites.options import Options
from afterword.threads.models import Comment, Page, PageAlias

MOST_KEYS = 500  # in one question
MOST_THERE = 500  # pages with ids of their own that are looked at for one address
_INDEX_STEMS = tuple(
    spelled(stem) for stem in ("index.", "default.") for spelled in (str, str.title, str.upper)
)

Version = tuple[int, int, str]


class Head(NamedTuple):
    """As much of a page as is asked for very often."""

    id: int
    version: int
    visible: int  # comments
    told_from: int


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


def with_ids(site_id: int, *, at: str) -> list[Row[int, str]]:
    """Ids and addresses of pages with an id of their own that readers see there, maybe, as far as
    one looks: of ``MOST_THERE`` it is not known whether they are all.

    ``at`` is what a key of an address has before its query.
    """
    bare = at.rstrip("/")
    whole, begun = [], []
    for scheme in ("https", "http"):
        place = f"{scheme}://{bare}"
        whole += [place, f"{place}/"]
        # An index has a few names that begin alike; which they are, the key tells.
        begun += [f"{place}{rest}" for rest in ("?", "/?", *(f"/{stem}" for stem in _INDEX_STEMS))]
    rows = select(Page.id, Page.url).where(
        Page.site_id == site_id,
        Page.key.startswith(urls.OWN_ID),
        Page.count > 0,  # who only says to know such a page leads nobody there
    )
    # A question each, and the index answers all: it answers no OR of them.
    every = [rows.where(Page.url.in_(whole)), *(rows.where(_begins(one)) for one in begun)]
    return list(db.session.execute(union_all(*every).limit(MOST_THERE)))


def keys(page: Page) -> set[str]:
    """The key that a page has now, and those that it had before it moved."""
    rows = select(PageAlias.key).where(PageAlias.page_id == page.id)
    return {page.key, *db.session.scalars(rows)}


def by_key(site_id: int, keys: Collection[str]) -> dict[str, Page]:
    """The pages that have these keys now, or had them before they moved, by key."""
    there = heads({(site_id, key) for key in keys})
    every: dict[int, Page] = {}
    for some in batched({head.id for head in there.values()}, MOST_KEYS):
        for page in db.session.scalars(select(Page).where(Page.id.in_(some))):
            every[page.id] = page
    return {key: every[head.id] for (_, key), head in there.items() if head.id in every}


def closes(page: Page, *, options: Options) -> dt.datetime | None:
    """When a page takes no more comments by its age; None where it is not closed by age."""
    if not options.close_after_days:
        return None
    return clock.later(page.reopened or page.created, dt.timedelta(days=options.close_after_days))


def is_open(page: Page, *, options: Options) -> bool:
    """Whether a page takes comments now."""
    end = closes(page, options=options)
    return page.is_open and (end is None or clock.now() < end)


def add(site_id: int, key: str, *, url: str, is_named: bool = False) -> Page:
    """A new page, whose address may be its owner's word. Inside a transaction."""
    page = begin(site_id, key, url=url, is_named=is_named)
    db.session.flush()
    return page


def begin(
    site_id: int, key: str, *, url: str, title: str | None = None, is_named: bool = False
) -> Page:
    """A new page as ``add`` makes it, that has no id before the session is flushed."""
    page = Page(
        site_id=site_id, key=key, url=url, title=title, is_named=is_named, count=0, version=0
    )
    db.session.add(page)
    return page


def version(site_id: int, key: str) -> Version | None:
    """What names the state of a page, by one indexed query; None where nobody commented yet."""
    asked = {"site_id": site_id, "key": key}
    row = db.session.connection().execute(_STATE_OF, asked).first()
    if row is None:
        page = find(site_id, key)
        return _version_of(page) if page else None
    return _version_of(row)


def version_around(comment_id: str) -> Version | None:
    """What names the state of the page that a comment is on; None without such a comment."""
    row = db.session.connection().execute(_STATE_AROUND, {"comment_id": comment_id}).first()
    return _version_of(row) if row else None


def heads(places: set[tuple[int, str]]) -> dict[tuple[int, str], Head]:
    """The pages that are, or were, at these (site id, key), where they have a row."""
    found: dict[tuple[int, str], Head] = {}
    # A query a site, nearly always one: SQLite serves (site, key) IN ((…), …) by no index.
    for site_id in {site_id for site_id, _ in places}:
        keys = sorted(key for of, key in places if of == site_id)
        for part in batched(keys, MOST_KEYS):
            columns = (Page.id, Page.version, Page.count.label("visible"), Page.told_from)
            moved = (
                select(PageAlias.key, *columns)
                .join(Page, Page.id == PageAlias.page_id)
                .where(PageAlias.site_id == site_id, PageAlias.key.in_(part))
            )
            here = select(Page.key, *columns).where(Page.site_id == site_id, Page.key.in_(part))
            for row in db.session.execute(moved.union_all(here)):
                found[site_id, row.key] = Head(row.id, row.version, row.visible, row.told_from)
    return found


def _begins(start: str) -> ColumnElement[bool]:
    """Of rows of pages: those whose address begins so, found by the index on either database."""
    if db.engine.dialect.name == "postgresql":
        return Page.url.startswith(start, autoescape=True)
    return and_(Page.url >= start, Page.url < start[:-1] + chr(ord(start[-1]) + 1))


def _version_of(page: Page | Row[Any, Any, Any]) -> Version:
    """What names the state of this page, among all that it ever had."""
    return page.id, page.version, clock.text(page.changed) if page.changed else ""


# Of tables, and made once: whatever is read asks this first, and as objects it costs twice as much.
_PAGES, _COMMENTS = Page.__table__.c, Comment.__table__.c
_STATE = select(_PAGES.id, _PAGES.version, _PAGES.changed)
_STATE_OF = _STATE.where(_PAGES.site_id == bindparam("site_id"), _PAGES.key == bindparam("key"))
_STATE_AROUND = _STATE.where(_PAGES.id == _COMMENTS.page_id).where(
    _COMMENTS.id == bindparam("comment_id")
)
