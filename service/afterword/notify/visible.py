"""Who is told when a comment has become visible. Nobody is before."""

from __future__ import annotations

from afterword.core.db import db, transaction
from afterword.identity import confirmations, moderators
from afterword.identity.models import Notices
from afterword.jobs import queue
from afterword.notify import summary
from afterword.threads.models import Comment, State


def tell(comment_id: str) -> None:
    """Ask its author, once, whether the address with it is theirs; tell moderators who want it."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.state is not State.VISIBLE:
        return
    _ask_author(comment)
    if not comment.is_moderator:
        for moderator in moderators.every():
            if moderator.notices is Notices.ALL:
                summary.tell(moderator, comment)


def _ask_author(comment: Comment) -> None:
    with transaction():
        waiting = confirmations.of_comment(comment.id)
        if waiting is not None and confirmations.may_follow(waiting.email):
            confirmations.mark_sent(waiting)
            queue.add("confirm", {"confirmation_id": waiting.id})
