"""Tell pages elsewhere that a comment of an owner's links to them, and when that changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import delete, select

from afterword.core import clock, config, fetch, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl
from afterword.core.fetch import Limits, Unreachable
from afterword.jobs import queue
from afterword.markup import links
from afterword.mentions import endpoint, page
from afterword.mentions.models import Told
from afterword.sites import directory
from afterword.threads.models import Comment, State

LIMITS: Final = Limits(seconds=10.0, most=1024 * 1024)
MOST_TRIES: Final = 3
MOST_LINKS: Final = 20


def tell(comment_id: str) -> None:
    """See whom a comment that appeared, was changed or went has to tell, each by its own job."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or not comment.is_moderator:
        return
    site = directory.by_id(comment.site_id)
    if not site.options.webmentions:
        return
    own = {urls.host_of(origin) for origin in (*site.origins, config.public_url())}
    linked = _linked(comment, own) if comment.state is State.VISIBLE else {}
    with transaction():
        rows = db.session.scalars(select(Told).where(Told.comment_id == comment.id)).all()
        known = {page.normal(row.target): row for row in rows}
        for address, target in linked.items():
            if address not in known:
                known[address] = Told(comment_id=comment.id)
                db.session.add(known[address])
            known[address].target = target
        db.session.flush()
        for row in known.values():
            # Also those that it links to no more. Of one that went only those hear who took it.
            if comment.state is not State.VISIBLE and row.at is None:
                continue
            row.tries = 0
            queue.add("mention-told", {"told_id": row.id})


def send(told_id: str) -> None:
    """Find out where a page takes mentions, if anywhere, and send one. One that is away: later."""
    row = db.session.get(Told, told_id)
    if row is None:
        return
    target, source = row.target, address(row.comment_id)
    db.session.commit()  # no connection of ours waits with a stranger's server
    try:
        is_told = _told(source, target)
    except Unreachable:
        is_told = None
    with transaction() as session:
        if is_told:
            row.at = clock.now()
        is_due_again = is_told is None and _again(row)
        if not is_due_again and session.get_one(Comment, row.comment_id).is_erased:
            session.delete(row)  # it was the last that is told of it


def forget(comments: Iterable[Comment]) -> None:
    """Drop what comments link to that are about to be erased. Inside a transaction.

    Where a comment is still visible, the pages that took its mention stay: each is dropped once it
    has been told that the comment is gone.
    """
    for comment in comments:
        takes = directory.by_id(comment.site_id).options.webmentions
        hears = takes and comment.state is State.VISIBLE
        rows = delete(Told).where(Told.comment_id == comment.id)
        if hears:
            rows = rows.where(Told.at.is_(None))
        db.session.execute(rows.execution_options(synchronize_session=False))


def of_comments(comment_ids: list[str]) -> list[Told]:
    """What comments linked to that was told, or is to be."""
    rows = select(Told).where(Told.comment_id.in_(comment_ids)).order_by(Told.comment_id, Told.id)
    return list(db.session.scalars(rows))


def address(comment_id: str) -> str:
    """The page on which a comment says what it says, by itself: what those who are told look at."""
    return f"{config.public_url()}/c/{comment_id}/said"


def _linked(comment: Comment, own: set[str]) -> dict[str, str]:
    """The pages elsewhere that a comment links to, as it spells them, by their normal addresses.

    Who is told looks for the very spelling in what the comment says (Webmention, 3.2.2).
    """
    found: dict[str, str] = {}
    for link in links.outward(comment.html, frozenset(own)):
        try:
            found.setdefault(page.normal(link.target), link.target)
        except BadUrl:
            continue
    return dict(islice(found.items(), MOST_LINKS))


def _told(source: str, target: str) -> bool | None:
    """Whether the page took it, or takes none; None when it may later. Raises Unreachable."""
    url, answer = fetch.follow(target, headers={"Accept": "text/html, */*;q=0.1"}, limits=LIMITS)
    if _is_busy(answer.status):
        return None
    where = endpoint.find(answer, url=url)
    if where is None:
        return False
    body = urlencode({"source": source, "target": target}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status = fetch.post(where, body, headers=headers, limits=LIMITS).status
    return None if _is_busy(status) else 200 <= status < 300


def _is_busy(status: int) -> bool:
    return status >= 500 or status == 429


def _again(row: Told) -> bool:
    """Let it be told once more later, and not for ever; answers whether. Inside a transaction."""
    row.tries += 1
    if row.tries >= MOST_TRIES:
        return False
    due = clock.now() + queue.wait(row.tries + 1)
    queue.add("mention-told", {"told_id": row.id}, due=due)
    return True
