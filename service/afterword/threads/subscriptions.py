"""Who wants mail about what. Nothing is mailed to an address that is not confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from itsdangerous import BadSignature
from sqlalchemy import ColumnElement, Select, exists, insert, literal, or_, select, update

from afterword.core import clock, i18n, ids, signing
from afterword.core.batches import batched
from afterword.core.db import db
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity import confirmations
from afterword.identity.models import Identity, IdentityKind
from afterword.threads.models import Comment, Follows, Mailed, State, Subscription

_PURPOSE: Final = "subscription"
MOST: Final = 5000  # of a page, and of a site
LONGEST: Final = dt.timedelta(days=1)  # that something waits for a digest
_AT_ONCE: Final = 500


class Waiting(NamedTuple):
    """That somebody is to be told of a comment by their next digest."""

    comment_id: str
    subscription_id: str


def add(  # noqa: PLR0913 - said by name
    email: str,
    follows: Follows,
    *,
    site_id: int,
    page_id: int | None,
    is_daily: bool = False,
    waits_for: str | None = None,
) -> None:
    """Note what somebody wants; once is enough. Inside a transaction.

    It counts once the author whom it waits for, if any, has proved that the address is theirs.
    """
    page = page_id if follows is Follows.THREAD else None
    held = _active(email, follows, site_id=site_id, page_id=page).where(_of(waits_for))
    if db.session.scalar(held) is None:
        db.session.add(
            Subscription(
                email=email,
                follows=follows,
                site_id=site_id,
                page_id=page,
                is_daily=is_daily,
                waits_for=waits_for,
                language=i18n.language().code,
            )
        )


def let_count(email: str, *, author_id: str) -> list[Subscription]:
    """What an author asked for counts, now that the address is theirs. Inside a transaction.

    Answers what is mailed there already: it is not to count a second time.
    """
    asked = select(Subscription).where(
        Subscription.email == email, Subscription.waits_for == author_id
    )
    double = []
    for one in db.session.scalars(asked).all():
        if one.ended is None and alike(one):
            double.append(one)
        else:
            one.waits_for = None
    return double


def is_wished(email: str, *, author_id: str | None) -> bool:
    """Whether an author wants mail there, once the address is proved to be theirs."""
    wished = select(Subscription.id).where(
        Subscription.email == email, Subscription.ended.is_(None), _of(author_id)
    )
    return bool(db.session.scalar(select(exists(wished))))


def was_ended(email: str, follows: Follows, *, site_id: int) -> bool:
    """Whether the owner of an address has ended this once, on this site."""
    ended = select(Subscription.id).where(
        Subscription.email == email,
        Subscription.site_id == site_id,
        Subscription.follows == follows,
        Subscription.ended.is_not(None),
    )
    return bool(db.session.scalar(select(exists(ended))))


def due(comment: Comment) -> list[Subscription]:
    """Who is to be mailed about a comment that is visible now, each address once.

    Not its own author, as far as the address with it is surely theirs, and nobody who was mailed
    about it before.
    """
    found = [*_of_replies(comment), *_of_thread(comment), *_of_site(comment)]
    own = comment.email if comment.is_verified or comment.is_moderator else None
    by_address = {one.email: one for one in reversed(found) if one.email != own}
    told = select(Mailed.subscription_id).where(Mailed.comment_id == comment.id)
    before = set(db.session.scalars(told))
    return [one for one in by_address.values() if one.id not in before]


def mark(comment: Comment, subscription: Subscription) -> None:
    """Note that somebody is mailed about a comment, now or by the next digest. In a transaction."""
    db.session.add(
        Mailed(comment_id=comment.id, subscription_id=subscription.id, waits=subscription.is_daily)
    )


def waiting(subscriptions: list[Subscription]) -> list[Waiting]:
    """What the next digest tells, page by page, the oldest first: of it what is visible still."""
    rows = (
        select(Mailed.comment_id, Mailed.subscription_id)
        .join(Comment, Comment.id == Mailed.comment_id)
        .where(
            Mailed.subscription_id.in_([one.id for one in subscriptions]),
            Mailed.waits.is_(True),
            Comment.state == State.VISIBLE,
        )
        .order_by(Comment.site_id, Comment.page_id, Comment.created)
    )
    return [Waiting(*row) for row in db.session.execute(rows)]


def told(waited: Iterable[Waiting]) -> None:
    """These wait for a digest no more; what came since they were read does. In a transaction."""
    comments: dict[str, list[str]] = {}
    for one in waited:
        comments.setdefault(one.subscription_id, []).append(one.comment_id)
    for subscription_id, theirs in comments.items():
        for some in batched(theirs, _AT_ONCE):
            db.session.execute(
                update(Mailed)
                .where(Mailed.subscription_id == subscription_id, Mailed.comment_id.in_(some))
                .values(waits=False)
                .execution_options(synchronize_session=False)
            )


def hand_on(ended: Subscription, *, to: Subscription) -> None:
    """Let another of the same reader tell what waits, and nothing again. Inside a transaction."""
    known = select(Mailed.comment_id).where(Mailed.subscription_id == to.id)
    theirs = select(Mailed.comment_id, literal(to.id), Mailed.waits).where(
        Mailed.subscription_id == ended.id, Mailed.comment_id.not_in(known)
    )
    columns = [Mailed.comment_id, Mailed.subscription_id, Mailed.waits]
    db.session.execute(insert(Mailed).from_select(columns, theirs))
    # It stays noted there too: the one that is ended may come back.
    db.session.execute(
        update(Mailed)
        .where(Mailed.subscription_id == ended.id)
        .values(waits=False)
        .execution_options(synchronize_session=False)
    )


def of_digest(subscription: Subscription) -> list[Subscription]:
    """All that one mail a day tells the same reader."""
    return [one for one in of_proved(subscription.email) if one.is_daily]


def of_proved(email: str) -> list[Subscription]:
    """What is mailed to an address, on all sites, as long as it is known whose it is."""
    return of_address(email) if confirmations.is_proved(email) else []


def of_next_digest(emails: Sequence[str], *, now: dt.datetime) -> set[str]:
    """Those of these addresses to which a digest is due to come.

    One that is due later than any is was noted by a clock that was wrong.
    """
    come: set[str] = set()
    for some in batched(emails, _AT_ONCE):
        rows = select(Subscription.email).where(
            Subscription.email.in_(some),
            Subscription.ended.is_(None),
            Subscription.is_daily.is_(True),
            Subscription.digest > now,
            Subscription.digest <= now + LONGEST,
        )
        come.update(db.session.scalars(rows))
    return come


def of_address(email: str) -> list[Subscription]:
    """What is mailed to an address, on all sites."""
    rows = select(Subscription).where(
        Subscription.email == email, Subscription.ended.is_(None), _of(None)
    )
    return list(db.session.scalars(rows.order_by(Subscription.created)))


def token(subscription: Subscription, *, is_digest: bool = False) -> str:
    """What the link to end it carries, or all of its digest. It works for good: mails are kept."""
    said = [subscription.id, "digest"] if is_digest else subscription.id
    return str(signing.tokens(_PURPOSE).dumps(said))


def find(token: str) -> list[Subscription]:
    """What a link would end. Raises BadRequest."""
    try:
        said = signing.tokens(_PURPOSE).loads(token)
    except BadSignature:
        raise _void() from None
    subscription_id, is_digest = (said[0], True) if isinstance(said, list) else (said, False)
    found = db.session.get(Subscription, subscription_id) if ids.is_id(subscription_id) else None
    if found is None:
        raise _void()
    digest = of_digest(found) if is_digest else []
    return digest or alike(found) or [found]


def end(subscription: Subscription) -> None:
    """Mail no more. Again, it changes nothing. Inside a transaction."""
    subscription.ended = subscription.ended or clock.now()


def alike(one: Subscription) -> list[Subscription]:
    """What mails its reader the same: of two that a merge of pages made one, the one left."""
    rows = _active(one.email, one.follows, site_id=one.site_id, page_id=one.page_id)
    return list(db.session.scalars(rows.where(_of(None))))


def _active(
    email: str, follows: Follows, *, site_id: int, page_id: int | None
) -> Select[Subscription]:
    return select(Subscription).where(
        Subscription.email == email,
        Subscription.site_id == site_id,
        Subscription.follows == follows,
        Subscription.page_id == page_id if page_id else Subscription.page_id.is_(None),
        Subscription.ended.is_(None),
    )


def _of(author_id: str | None) -> ColumnElement[bool]:
    """What waits for nobody, or for this author alone."""
    return or_(Subscription.waits_for.is_(None), Subscription.waits_for == author_id)


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
        _of(None),
    )
    return list(db.session.scalars(rows))


def _of_thread(comment: Comment) -> list[Subscription]:
    return _followers(Subscription.page_id == comment.page_id)


def _of_site(comment: Comment) -> list[Subscription]:
    return _followers(Subscription.site_id == comment.site_id, Subscription.follows == Follows.SITE)


def _followers(*of: ColumnElement[bool]) -> list[Subscription]:
    """Who follows something, as far as their addresses are confirmed."""
    proved = exists().where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject == Subscription.email
    )
    rows = select(Subscription).where(*of, Subscription.ended.is_(None), _of(None), proved)
    return list(db.session.scalars(rows.order_by(Subscription.created).limit(MOST)))


def _void() -> BadRequest:
    return BadRequest(_("This link is not whole. Please copy it from the mail as it stands there."))
