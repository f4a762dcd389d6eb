"""Mail to readers who asked for it: somebody answered them, or wrote on a page that they follow."""

from __future__ import annotations

from afterword.core import config
from afterword.core.db import db, transaction
from afterword.jobs import queue
from afterword.notify import letter, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads import subscriptions
from afterword.threads.models import Comment, Follows, State, Subscription


def tell(comment: Comment) -> None:
    """Let everyone be mailed who wants to know of a comment that is visible now."""
    with transaction():
        for subscription in subscriptions.due(comment):
            subscriptions.mark(comment, subscription)
            queue.add("news", {"comment_id": comment.id, "subscription_id": subscription.id})


def send(comment_id: str, subscription_id: str) -> None:
    """Mail one of them, unless the comment is gone or they want no more.

    Raises Failed, Hopeless.
    """
    comment = db.session.get(Comment, comment_id)
    subscription = db.session.get(Subscription, subscription_id)
    if comment is None or comment.state is not State.VISIBLE:
        return
    if subscription is None or subscription.ended is not None:
        return
    parent = db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    is_answer = subscription.follows is Follows.REPLIES
    did = "answered you" if is_answer else "wrote"
    unsubscribe = f"{config.public_url()}/me/unsubscribe/{subscriptions.token(subscription)}"
    letter.send(
        Letter(
            to=subscription.email,
            subject=f"{words.name(comment)} {did} on {words.title(comment)}",
            name="news",
            about=f"news.{comment.id}.{subscription.id}",
            thread=f"page.{comment.page_id}",
            unsubscribe=unsubscribe,
            values={
                "who": words.name(comment),
                "did": did,
                "title": words.title(comment),
                "site": directory.by_id(comment.site_id).name,
                "words": words.of(comment),
                "answered": words.of(parent) if parent is not None and is_answer else "",
                "link": f"{config.public_url()}/c/{comment.id}",
                "is_answer": is_answer,
                "unsubscribe": unsubscribe,
            },
        )
    )
