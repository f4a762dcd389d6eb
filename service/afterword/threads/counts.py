"""What a change of state changes around a comment: tombstones, its page; and who is told of it."""

from __future__ import annotations

from sqlalchemy import exists, func, select, update

from afterword.core import clock
from afterword.core.db import db
from afterword.threads import events
from afterword.threads.models import Comment, Page, PageAlias, State


def settle(comment: Comment, *, before: State | None = None) -> None:
    """Bring a comment's page and the tombstones above it in line with its state. In a transaction.

    ``before`` is the state that it had, None for a new comment. The page's row is changed by the
    database (``count = count + 1``), so two writers cannot lose one another's comment.
    """
    db.session.flush()
    was_shown = comment.is_shown
    _show(comment)
    gained = (comment.state is State.VISIBLE) - (before is State.VISIBLE)
    # What only waits changes nothing for readers: a flood of it must not make their pages anew.
    if was_shown or comment.is_shown:
        touch(comment.page_id, gained=gained)
    events.moved(comment, before)


def touch(page_id: int, *, gained: int = 0) -> None:
    """Tell readers' caches that the page changed. Inside a transaction."""
    page = db.session.get_one(Page, page_id)
    changed = clock.now_after(page.changed)
    db.session.execute(
        update(Page)
        .where(Page.id == page_id)
        .values(count=Page.count + gained, version=Page.version + 1, changed=changed)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(page, ["count", "version", "changed"])


def of_pages(places: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """How many visible comments the pages at these (site id, key) have, where they have a row."""
    found: dict[tuple[int, str], int] = {}
    # A query a site, nearly always one: SQLite serves (site, key) IN ((…), …) by no index.
    for site_id in {site_id for site_id, _ in places}:
        keys = sorted(key for of, key in places if of == site_id)
        moved = (
            select(PageAlias.key, Page.count.label("visible"))
            .join(Page, Page.id == PageAlias.page_id)
            .where(PageAlias.site_id == site_id, PageAlias.key.in_(keys))
        )
        here = select(Page.key, Page.count.label("visible")).where(
            Page.site_id == site_id, Page.key.in_(keys)
        )
        for row in db.session.execute(moved.union_all(here)):
            found[site_id, row.key] = row.visible
    return found


def recount(page_id: int) -> None:
    """Work out a page's tombstones and count from its comments: after an import."""
    child = Comment.__table__.alias()
    visible = Comment.state == State.VISIBLE
    db.session.flush()
    db.session.execute(
        update(Comment)
        .where(Comment.page_id == page_id, Comment.is_shown != visible)
        .values(is_shown=visible)
        .execution_options(synchronize_session=False)
    )
    raised = 1
    while raised:  # a level of tombstones each time; threads are shallow
        covers = exists().where(child.c.parent_id == Comment.id, child.c.is_shown)
        raised = db.session.execute(  # type: ignore[attr-defined]
            update(Comment)
            .where(Comment.page_id == page_id, Comment.is_shown.is_(False), covers)
            .values(is_shown=True)
            .execution_options(synchronize_session=False)
        ).rowcount
    # The state as a filter, not a condition: SQLite would look through every visible comment of
    # all pages, by the index of states, for each page that is counted.
    shown = func.count().filter(visible)
    count = select(shown).where(Comment.page_id == page_id).scalar_subquery()
    db.session.execute(
        update(Page)
        .where(Page.id == page_id)
        .values(count=count, version=Page.version + 1, changed=clock.now())
        .execution_options(synchronize_session=False)
    )


def _show(comment: Comment) -> None:
    """A comment is shown when visible, or as a tombstone while a reply below it is shown."""
    node: Comment | None = comment
    while node is not None:
        shown = node.state is State.VISIBLE or _has_shown_reply(node)
        if shown == node.is_shown:
            return
        node.is_shown = shown
        db.session.flush()
        node = db.session.get(Comment, node.parent_id) if node.parent_id else None


def _has_shown_reply(comment: Comment) -> bool:
    return bool(
        db.session.scalar(select(exists().where(Comment.parent_id == comment.id, Comment.is_shown)))
    )
