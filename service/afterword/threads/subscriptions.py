"""Who wants mail about what. Nothing is mailed to an address that is not confirmed."""

from __future__ import annotations

from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import exists, select

from afterword.core import clock, ids, signing
from afterword.core.db import db
from afterword.core.errors import BadRequest
from afterword.identity import confirmations
from afterword.identity.models import Identity, IdentityKind
from afterword.threads.models import Comment, Follows, Mailed, Subscription

_PURPOSE: Final = "subscription"
MOST: Final = 5000  # of a page


def add(email: str, follows: Follows, *, site_id: int, page_id: int) -> None:
    """Note what somebody wants; once is enough. Inside a transaction."""
    page = page_id if follows is Follows.THREAD else None
    held = select(Subscription.id).where(
        Subscription.email == email,
        Subscription.site_id == site_id,
        Subscription.follows == follows,
        Subscription.page_id == page if page else Subscription.page_id.is_(None),
        Subscription.ended.is_(None),
    )
    if db.session.scalar(held) is None:
        db.session.add(Subscription(email=email, follows=follows, site_id=site_id, page_id=page))


def due(comment: Comment) -> list[Subscription]:
    """Who is to be mailed about a comment that is visible now, each address once.

    Not its own author, and nobody who was mailed about it before.
    """
    found = [*_of_replies(comment), *_of_thread(comment)]
    by_address = {one.email: one for one in reversed(found) if one.email != comment.email}
    told = select(Mailed.subscription_id).where(Mailed.comment_id == comment.id)
    before = set(db.session.scalars(told))
    return [one for one in by_address.values() if one.id not in before]


def mark(comment: Comment, subscription: Subscription) -> None:
    """Note that somebody is mailed about a comment. Inside a transaction."""
    db.session.add(Mailed(comment_id=comment.id, subscription_id=subscription.id))


def of_address(email: str) -> list[Subscription]:
    """What is mailed to an address, on all sites."""
    rows = select(Subscription).where(Subscription.email == email, Subscription.ended.is_(None))
    return list(db.session.scalars(rows.order_by(Subscription.created)))


def token(subscription: Subscription) -> str:
    """What the link to end it carries. It works for good: mails are kept for years."""
    return str(signing.tokens(_PURPOSE).dumps(subscription.id))


def find(token: str) -> Subscription:
    """What a link would end. Raises BadRequest."""
    try:
        said = signing.tokens(_PURPOSE).loads(token)
    except BadSignature:
        raise _void() from None
    found = db.session.get(Subscription, said) if ids.is_id(said) else None
    if found is None:
        raise _void()
    return found


def end(subscription: Subscription) -> None:
    """Mail no more. Again, it changes nothing. Inside a transaction."""
    subscription.ended = subscription.ended or clock.now()


def _of_replies(comment: Comment) -> list[Subscription]:
    """Of the author of the comment that is answered, when it is surely theirs."""
    parent = db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    if parent is None or not parent.is_verified or parent.email is None:
        return []
    if not confirmations.is_proved(parent.email):
        return []  # its owner has taken that back since
    rows = select(Subscription).where(
        Subscription.email == parent.email,
        Subscription.site_id == comment.site_id,
        Subscription.follows == Follows.REPLIES,
        Subscription.ended.is_(None),
    )
    return list(db.session.scalars(rows))


def _of_thread(comment: Comment) -> list[Subscription]:
    proved = exists().where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject == Subscription.email
    )
    rows = select(Subscription).where(
        Subscription.page_id == comment.page_id, Subscription.ended.is_(None), proved
    )
    return list(db.session.scalars(rows.order_by(Subscription.created).limit(MOST)))


def _void() -> BadRequest:
    return BadRequest("This link is not whole. Please copy it from the mail as it stands there.")
