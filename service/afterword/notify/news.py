"""Mail to readers who asked for it: somebody answered them, or wrote on a page that they follow."""

from __future__ import annotations

from typing import Final

from afterword.core import config, i18n
from afterword.core.db import db, transaction
from afterword.core.i18n import _
from afterword.identity import accounts
from afterword.jobs import queue
from afterword.notify import digest, readers, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads import subscriptions
from afterword.threads.models import Comment, Follows, State, Subscription

MOST_ABOVE: Final = 10  # mails of a conversation that one names: headers are not to grow for ever


def tell(comment: Comment) -> None:
    """Let everyone be mailed who wants to know of a comment that is visible now."""
    with transaction():
        wanting = subscriptions.due(comment)
        for one in wanting:
            subscriptions.mark(comment, one)
        digest.schedule([one for one in wanting if one.is_daily])
        at_once = [one.id for one in wanting if not one.is_daily]
        queue.add_all(
            "news", [{"comment_id": comment.id, "subscription_id": one} for one in at_once]
        )


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
    site = directory.by_id(comment.site_id)
    unsubscribe = f"{config.public_url()}/me/unsubscribe/{subscriptions.token(subscription)}"
    theirs = accounts.language(subscription.email)
    with i18n.speaking(theirs or site.options.language or subscription.language):
        readers.mail(
            Letter(
                to=subscription.email,
                subject=_subject(comment, is_answer=is_answer),
                name="news",
                about=_about(comment, subscription),
                after=_after(comment, subscription),
                unsubscribe=unsubscribe,
                values={
                    "who": words.name(comment),
                    "title": words.title(comment),
                    "site": site.name,
                    "words": words.of(comment),
                    "answered": words.of(parent) if parent is not None and is_answer else "",
                    "link": f"{config.public_url()}/c/{comment.id}",
                    "is_answer": is_answer,
                    "is_of_site": subscription.follows is Follows.SITE,
                    "unsubscribe": unsubscribe,
                },
            )
        )


def _after(comment: Comment, subscription: Subscription) -> tuple[str, ...]:
    """The mails that a reader had of the same conversation, below what stands for the page."""
    above: list[str] = []
    node = comment
    while node.parent_id and len(above) < MOST_ABOVE:
        node = db.session.get_one(Comment, node.parent_id)
        above.append(_about(node, subscription))
    return (f"page.{comment.page_id}", *reversed(above))


def _about(comment: Comment, subscription: Subscription) -> str:
    return f"news.{comment.id}.{subscription.id}"


def _subject(comment: Comment, *, is_answer: bool) -> str:
    named = {"name": words.name(comment), "title": words.title(comment)}
    if is_answer:
        return _("%(name)s answered you on %(title)s", **named)
    return _("%(name)s wrote on %(title)s", **named)
