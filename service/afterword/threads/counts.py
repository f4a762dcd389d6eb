"""What a change of state changes around a comment: tombstones, its page; and who is told of it."""

from __future__ import annotations

from sqlalchemy import and_, exists, func, select, update

from afterword.core import clock, urls
from afterword.core.db import db
from afterword.sites import directory
from afterword.threads import events, pages, turns
from afterword.threads.models import IN_THREAD, Comment, Page, State


def settle(comment: Comment, *, before: State | None = None) -> None:
    """Bring a comment's page and the tombstones above it in line with its state. In a transaction.

    ``before`` is the state that it had, None for a new comment. The page's row is changed by the
    database (``count = count + 1``), so two writers cannot lose one another's comment.
    """
    db.session.flush()
    if comment.is_apart:
        _settle_apart(comment, before)
    else:
        _settle(comment, before)
    events.moved(comment, before)


def touch(page_id: int, *changed: Comment, gained: int = 0) -> int:
    """Tell readers that the page changed, and which comments. Inside a transaction.

    Answers the page's new version.
    """
    page = db.session.get_one(Page, page_id)
    at = clock.now_after(page.changed)
    db.session.execute(
        update(Page)
        .where(Page.id == page_id)
        .values(count=Page.count + gained, version=Page.version + 1, changed=at)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(page, ["count", "version", "changed"])
    for comment in changed:
        comment.version = page.version
    return page.version


def of_pages(places: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """How many visible comments the pages at these (site id, key) have, where they have a row."""
    return {place: page.visible for place, page in pages.heads(places).items()}


def recount(*page_ids: int) -> None:
    """Work out the tombstones and counts of pages from their comments: after an import.

    Inside a transaction.
    """
    child = Comment.__table__.alias()
    visible = and_(Comment.state == State.VISIBLE, IN_THREAD)
    on_pages = Comment.page_id.in_(page_ids)
    db.session.flush()
    # Before: a statement that waits for somebody who posts counts by what it saw when it began.
    turns.pages(page_ids)
    db.session.execute(
        update(Comment)
        .where(on_pages, Comment.is_shown != visible)
        .values(is_shown=visible)
        .execution_options(synchronize_session=False)
    )
    raised = 1
    while raised:  # a level of tombstones each time; threads are shallow
        covers = exists().where(child.c.parent_id == Comment.id, child.c.is_shown)
        raised = db.session.execute(  # type: ignore[attr-defined]
            update(Comment)
            .where(on_pages, Comment.is_shown.is_(False), covers)
            .values(is_shown=True)
            .execution_options(synchronize_session=False)
        ).rowcount
    # The state as a filter, not a condition: SQLite would look through every visible comment of
    # all pages, by the index of states, for each page that is counted.
    shown = func.count().filter(visible)
    count = select(shown).where(Comment.page_id == Page.id).scalar_subquery()
    db.session.execute(
        update(Page)
        .where(Page.id.in_(page_ids))
        .values(count=count, version=Page.version + 1, changed=clock.now())
        .execution_options(synchronize_session=False)
    )


def _settle(comment: Comment, before: State | None) -> None:
    was_shown = comment.is_shown
    above = _show(comment)
    gained = (comment.state is State.VISIBLE) - (before is State.VISIBLE)
    # What only waits changes nothing for readers: a flood of it must not make their pages anew.
    if was_shown or comment.is_shown:
        version = touch(comment.page_id, comment, *above, gained=gained)
        if gained > 0:
            comment.appeared = version
            _name_page(comment)


def _name_page(comment: Comment) -> None:
    """Have readers know a page by what was said of it with a comment that they see.

    With the first that they see, and its title with the next that says one: nobody names a page
    for them by what they never saw, or see no more. What its owner said stays.
    """
    title, url = comment.page_title, comment.page_url
    if url is None:
        return
    comment.page_title = comment.page_url = None
    page = db.session.get_one(Page, comment.page_id)
    db.session.refresh(page, ["key", "url", "title", "is_named"])
    is_first = page.count == 1 and not page.is_named
    if is_first and _is_of(page, url):
        page.url = url
    if is_first or page.title is None:
        page.title = title


def _is_of(page: Page, url: str) -> bool:
    """Whether a page has this address, and has not moved since."""
    own_id = urls.own_id(page.key)
    return own_id is not None or directory.by_id(page.site_id).page_key(url) == page.key


def _settle_apart(comment: Comment, before: State | None) -> None:
    """What stands beside the thread is never shown in it: only its page is another one now."""
    if State.VISIBLE in {before, comment.state}:
        touch(comment.page_id)


def _show(comment: Comment) -> list[Comment]:
    """A comment is shown when visible, or as a tombstone while a reply below it is shown.

    Answers the tombstones above it that came or went with it.
    """
    above = []
    node: Comment | None = comment
    while node is not None:
        shown = node.state is State.VISIBLE or _has_shown_reply(node)
        if shown == node.is_shown:
            break
        node.is_shown = shown
        db.session.flush()
        if node is not comment:
            above.append(node)
        # Lock the comment that this one answers. Without that lock another writer could remove it
        # in the same moment and leave no tombstone: nobody would see the reply then.
        node = turns.answered(node)
    return above


def _has_shown_reply(comment: Comment) -> bool:
    return bool(
        db.session.scalar(select(exists().where(Comment.parent_id == comment.id, Comment.is_shown)))
    )
