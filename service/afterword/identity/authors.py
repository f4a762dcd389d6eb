"""Authors: a guest is known by a secret that its browser holds, never by a typed name or e-mail."""

from __future__ import annotations

import re

from sqlalchemy import select

from afterword.core import signing
from afterword.core.db import db
from afterword.identity.models import Author, Identity

# What our widget makes: 256 random bits in URL-safe base 64. Shorter ones could be guessed.
_SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}\Z")


def secret(bearer: str | None) -> str | None:
    """The secret in an ``Authorization: Bearer`` header, None when there is none of ours."""
    scheme, _, value = (bearer or "").partition(" ")
    return value if scheme.lower() == "bearer" and _SECRET.match(value) else None


def find(token: str | None, *, site_id: int) -> Author | None:
    """The author of this site who holds the token."""
    if token is None:
        return None
    return db.session.scalar(
        select(Author).where(Author.site_id == site_id, Author.token_hash == signing.digest(token))
    )


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
        author = Author(site_id=site_id, token_hash=signing.digest(token))
        db.session.add(author)
        db.session.flush()
    return author
