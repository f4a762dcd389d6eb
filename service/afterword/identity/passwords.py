"""Passwords of moderators: argon2id, and the same work for an unknown address."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from afterword.core import signing
from afterword.core.errors import BadRequest
from afterword.core.i18n import _

SHORTEST, LONGEST = 10, 200

# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """What is stored of a password. Raises BadRequest for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        sentence = _(
            "A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST
        )
        raise BadRequest(sentence, fields={"password": sentence})
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is nobody to compare with."""
    try:
        return _hasher.verify(stored or _nobody(), password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(signing.new_secret())
