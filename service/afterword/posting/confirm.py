"""Let people prove by a mailed link whose an address is, and reach what bears it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from afterword.core.db import db, transaction
from afterword.identity import confirmations
from afterword.identity.models import Confirmation
from afterword.jobs import queue
from afterword.threads import counts
from afterword.threads.models import Comment, State

SHOWN = 200


def ask(email: str) -> None:
    """Mail the way to the comments with this address, when there are any and it may be mailed.

    Answers nothing: a stranger learns nothing about an address.
    """
    with transaction():
        is_any = db.session.scalar(select(Comment.id).where(Comment.email == email).limit(1))
        if is_any is not None and confirmations.may_ask(email):
            asked = confirmations.ask(email)
            confirmations.mark_sent(asked)
            queue.add("sign-in", {"confirmation_id": asked.id})


def confirm(token: str) -> str:
    """Use a mailed link up; answers the key of the page of one's own comments.

    The comments that its author wrote with the address are marked. Raises BadRequest.
    """
    with transaction():
        used = confirmations.use(token)
        _mark(used)
        return confirmations.owner_key(used.email)


def comments(email: str, *, limit: int = SHOWN) -> list[Comment]:
    """What bears an address, on every site, the newest first."""
    rows = (
        select(Comment)
        .options(joinedload(Comment.page))
        .where(Comment.email == email, Comment.state != State.REMOVED)
        .order_by(Comment.created.desc(), Comment.id.desc())
    )
    return list(db.session.scalars(rows.limit(limit)))


def _mark(used: Confirmation) -> None:
    if used.author_id is None:
        return
    rows = select(Comment).where(
        Comment.email == used.email,
        Comment.author_id == used.author_id,
        Comment.is_verified.is_(False),
    )
    marked = db.session.scalars(rows).all()
    for comment in marked:
        comment.is_verified = True
    db.session.flush()
    for page_id in sorted({comment.page_id for comment in marked if comment.is_shown}):
        counts.touch(page_id, *(one for one in marked if one.page_id == page_id))
