"""Who is told when a comment has become visible. Nobody is before."""

from __future__ import annotations

from afterword.core.db import db, transaction
from afterword.identity import confirmations
from afterword.jobs import queue
from afterword.threads.models import Comment, State


def tell(comment_id: str) -> None:
    """Ask its author, once, whether the address with it is theirs."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.state is not State.VISIBLE:
        return
    with transaction():
        waiting = confirmations.of_comment(comment.id)
        if waiting is not None and confirmations.may_follow(waiting.email):
            confirmations.mark_sent(waiting)
            queue.add("confirm", {"confirmation_id": waiting.id})
