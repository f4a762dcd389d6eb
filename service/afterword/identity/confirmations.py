"""Proof that an e-mail address is somebody's own: a link that is mailed there and works once.

A stranger can type any address, so one that was never confirmed gets one such mail a day at most,
and none with words of a visitor in it.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import delete, exists, func, select

from afterword.core import clock, ids, signing
from afterword.core.db import db, take_turns
from afterword.core.errors import BadRequest
from afterword.identity.models import Author, Confirmation, Identity, IdentityKind

# After a comment the mail waits to be read; who asked for one sits before the screen.
LIFE: Final = dt.timedelta(days=3)
ASKED_LIFE: Final = dt.timedelta(minutes=15)
REST: Final = dt.timedelta(days=1)
# Who did not answer once is left alone; later comments ask again when this is over.
KEPT: Final = dt.timedelta(days=30)
MOST_ASKED: Final = 5  # links an hour to an address that is confirmed
_PURPOSE: Final = "confirmation"
_OWNER: Final = "owner"
_FOLLOWER: Final = "follower"
# How long one may go about on the page of one's own comments.
OWNER_LIFE: Final = dt.timedelta(hours=2)


def prepare(email: str, *, author: Author, comment_id: str) -> None:
    """Let the author of a comment be asked once it is visible. Inside its transaction."""
    db.session.add(Confirmation(email=email, author_id=author.id, comment_id=comment_id))


def of_comment(comment_id: str) -> Confirmation | None:
    """What waits for a comment to be visible."""
    rows = select(Confirmation).where(
        Confirmation.comment_id == comment_id, Confirmation.sent.is_(None)
    )
    return db.session.scalar(rows.limit(1))


def ask(email: str) -> Confirmation:
    """A link for somebody who asks on our own page. Inside a transaction."""
    made = Confirmation(email=email)
    db.session.add(made)
    db.session.flush()
    return made


def may_ask(email: str) -> bool:
    """Whether one more mail may go to this address, because somebody asked for it.

    Inside the transaction that notes it, as ``may_follow``: else two at once would be let through.
    """
    take_turns(f"mail {email}")
    if is_proved(email):
        return _sent(email, dt.timedelta(hours=1)) < MOST_ASKED
    return not _sent(email, REST)


def may_follow(email: str, *, is_wished: bool) -> bool:
    """Whether one may go there because of a comment, with a wish to be mailed or without."""
    take_turns(f"mail {email}")
    return not _sent(email, REST if is_wished else KEPT)


def mark_sent(confirmation: Confirmation) -> None:
    """Note that its mail goes out, and drop what is long past. Inside a transaction."""
    confirmation.sent = clock.now()
    db.session.execute(
        delete(Confirmation)
        .where(Confirmation.created < clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )


def token(confirmation: Confirmation) -> str:
    """What the link in the mail carries."""
    return str(signing.tokens(_PURPOSE).dumps(confirmation.id))


def find(token: str) -> Confirmation:
    """What a link is about. Raises BadRequest for one that is void, or was used."""
    try:
        said = signing.tokens(_PURPOSE).loads(token)
    except BadSignature:
        raise _void() from None
    found = db.session.get(Confirmation, said) if ids.is_id(said) else None
    if found is None or found.used is not None or found.sent is None:
        raise _void()
    life = LIFE if found.comment_id else ASKED_LIFE
    if clock.now() > found.sent + life:
        raise _void()
    return found


def use(token: str) -> Confirmation:
    """Use a link up: the address is its author's from now on. Inside a transaction.

    Raises BadRequest.
    """
    found = find(token)
    db.session.refresh(found, with_for_update=True)
    if found.used is not None:
        raise _void()
    found.used = clock.now()
    if found.author_id is not None:
        key = (found.author_id, IdentityKind.EMAIL, found.email)
        if db.session.get(Identity, key) is None:
            author_id, kind, subject = key
            db.session.add(Identity(author_id=author_id, kind=kind, subject=subject))
    return found


def is_proved(email: str, *, author_id: str | None = None) -> bool:
    """Whether somebody, or this author, has proved to own an address."""
    rows = select(Identity.author_id).where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject == email
    )
    if author_id is not None:
        rows = rows.where(Identity.author_id == author_id)
    return bool(db.session.scalar(select(exists(rows))))


def owner_key(email: str) -> str:
    """What the page of one's own comments is reached by, for ``OWNER_LIFE``."""
    return str(signing.tokens(_OWNER).dumps(email))


def owner(key: str) -> str:
    """The address that its holder has proved to own. Raises BadRequest."""
    try:
        said = signing.tokens(_OWNER).loads(key, max_age=int(OWNER_LIFE.total_seconds()))
    except BadSignature:
        raise BadRequest("This page was open too long. Please ask for a new link.") from None
    return str(said)


def follower_key(email: str) -> str:
    """What the feed of the answers to somebody is reached by: for good, as feeds are."""
    return str(signing.tokens(_FOLLOWER).dumps(email))


def follower(key: str) -> str:
    """The address whose answers such a key may see. Raises BadRequest."""
    try:
        return str(signing.tokens(_FOLLOWER).loads(key))
    except BadSignature:
        raise BadRequest("This address of a feed is not whole. Copy it from your page.") from None


def _sent(email: str, within: dt.timedelta) -> int:
    rows = select(func.count()).where(
        Confirmation.email == email, Confirmation.sent > clock.now() - within
    )
    return db.session.scalar(rows) or 0


def _void() -> BadRequest:
    return BadRequest("This link was used already, or it is too old. Please ask for a new one.")
