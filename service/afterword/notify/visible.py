"""Who is told when a comment has become visible. Nobody is before."""

from __future__ import annotations

from afterword.core.db import transaction
from afterword.identity import confirmations, moderators
from afterword.identity.models import Confirmation
from afterword.jobs import queue
from afterword.notify import news, summary, wanted
from afterword.threads import subscriptions
from afterword.threads.models import Comment


def tell(comment: Comment) -> None:
    """Ask its author whether the address with it is theirs; tell readers and moderators."""
    _ask_author(comment)
    if not comment.is_apart:
        news.tell(comment)
    for moderator in moderators.every():
        if wanted.wants(moderator, comment):
            summary.tell(moderator, comment)


def _ask_author(comment: Comment) -> None:
    with transaction():
        waiting = confirmations.of_comment(comment.id)
        if waiting is not None and _may_ask(waiting):
            confirmations.mark_sent(waiting)
            queue.add("confirm", {"confirmation_id": waiting.id})


def _may_ask(waiting: Confirmation) -> bool:
    is_wished = subscriptions.is_wished(waiting.email, author_id=waiting.author_id)
    return confirmations.may_follow(waiting.email, is_wished=is_wished)
