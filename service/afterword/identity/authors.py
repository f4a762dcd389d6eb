"""Authors: known by a secret that their browser holds, never by a typed name or e-mail.

A guest's browser makes its secret itself; one that is signed in was given a token. Both are good
for one site, are kept as digests, and end when they were not used for long.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from afterword.core import clock, signing
from afterword.core.db import db
from afterword.identity.models import Author, AuthorToken, Identity, IdentityKind

GUEST_LIFE: Final = dt.timedelta(days=365)
SIGNED_IN_LIFE: Final = dt.timedelta(days=60)
# ``seen`` is written at most this often.
_NOTE_EVERY: Final = dt.timedelta(days=1)
# What our widget makes: 256 random bits in URL-safe base 64. Shorter ones could be guessed.
_SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}\Z")


def secret(bearer: str | None) -> str | None:
    """The secret in an ``Authorization: Bearer`` header, None when there is none of ours."""
    scheme, _, value = (bearer or "").partition(" ")
    return value if scheme.lower() == "bearer" and _SECRET.match(value) else None


def find(token: str | None, *, site_id: int) -> Author | None:
    """The author of this site who holds the token, while it is good."""
    if token is None:
        return None
    guest = _guest(token, site_id)
    if guest is not None:
        return None if _is_over(guest) else guest
    held = _held(token, site_id)
    return None if held is None else db.session.get(Author, held.author_id)


def signed_in(token: str | None, *, site_id: int) -> Author | None:
    """The author who is signed in with this token."""
    author = find(token, site_id=site_id)
    return author if author is not None and author.account_id is not None else None


def one_person(author: Author) -> list[Author]:
    """This author, and those of the same site who have proved to be the same person."""
    mine, theirs = Identity.__table__.alias(), Identity.__table__.alias()
    proved = (
        select(theirs.c.author_id)
        .join(mine, (mine.c.kind == theirs.c.kind) & (mine.c.subject == theirs.c.subject))
        .where(mine.c.author_id == author.id, theirs.c.author_id != author.id)
    )
    others = select(Author).where(Author.site_id == author.site_id, Author.id.in_(proved))
    return [author, *db.session.scalars(others)]


def find_or_add(token: str, *, site_id: int) -> Author:
    """The author who holds the token; a new one on the first comment. Inside a transaction."""
    author = find(token, site_id=site_id)
    if author is None:
        too_old = _guest(token, site_id)
        if too_old is not None:
            _retire(too_old)
        author = Author(site_id=site_id, token_hash=signing.digest(token))
        db.session.add(author)
        db.session.flush()
    _note(author, token)
    return author


def retire_guests(emails: Sequence[str]) -> None:
    """Let the secrets of guests who have proved one of these addresses open nothing any more.

    What they have proved stays, so that what was decided of them, and an erasure, goes on to find
    the same person. Inside a transaction.
    """
    proved = select(Identity.author_id).where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject.in_(emails)
    )
    guests = select(Author).where(Author.account_id.is_(None), Author.id.in_(proved))
    for guest in db.session.scalars(guests.order_by(Author.id)).all():
        _retire(guest)


def _guest(token: str, site_id: int) -> Author | None:
    return db.session.scalar(
        select(Author).where(Author.site_id == site_id, Author.token_hash == signing.digest(token))
    )


def _held(token: str, site_id: int) -> AuthorToken | None:
    """That somebody is signed in on this site with a token, while it is good."""
    rows = (
        select(AuthorToken)
        .join(Author, Author.id == AuthorToken.author_id)
        .where(
            AuthorToken.token_hash == signing.digest(token),
            AuthorToken.seen > clock.now() - SIGNED_IN_LIFE,
            Author.site_id == site_id,
        )
    )
    return db.session.scalar(rows)


def _is_over(guest: Author) -> bool:
    return clock.now() - (guest.seen or guest.created) > GUEST_LIFE


def _retire(guest: Author) -> None:
    """Let a guest's secret open nothing any more that it once did."""
    guest.token_hash = signing.digest(signing.new_secret())
    db.session.flush()


def _note(author: Author, token: str) -> None:
    """Note that a token was used, now and then: what is in use does not end."""
    now = clock.now()
    if author.seen is None or now - author.seen > _NOTE_EVERY:
        author.seen = now
    held = db.session.get(AuthorToken, signing.digest(token))
    if held is not None and now - held.seen > _NOTE_EVERY:
        held.seen = now
