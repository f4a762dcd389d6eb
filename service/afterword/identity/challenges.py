"""What a passkey signs to show that it is there now: random, for one purpose, good once.

Signed and not stored, so that who only looks at the log-in writes nothing; what is stored is which
were spent.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import insist, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity.models import SpentNonce

LIFE: Final = dt.timedelta(minutes=5)
_SIGNED: Final = "passkey"


class Purpose(StrEnum):
    """What is done with the passkey that answers."""

    ADD = "add"
    LOG_IN = "log-in"
    CONFIRM = "confirm"
    SIGN_IN = "sign-in"  # a reader's
    JOIN = "join"


@dataclass(frozen=True)
class Challenge:
    """What the device signs, and the token that comes back with its answer."""

    nonce: bytes
    token: str


def issue(purpose: Purpose, *, to: str) -> Challenge:
    """A challenge for a browser, which is known by a secret that it keeps."""
    nonce = signing.new_secret()
    token = signing.tokens(_SIGNED).dumps([nonce, purpose, signing.digest(to)])
    return Challenge(nonce.encode(), str(token))


def spend(token: str, purpose: Purpose, *, to: str) -> bytes:
    """The nonce of a challenge, which is void from now on.

    Raises BadRequest for one that was spent, is too old, or was for another purpose or browser.
    """
    try:
        nonce, *said = signing.tokens(_SIGNED).loads(token, max_age=int(LIFE.total_seconds()))
    except (BadSignature, TypeError, ValueError):
        raise _void() from None
    if said != [purpose, signing.digest(to)] or not spend_once(nonce):
        raise _void()
    return str(nonce).encode()


def spend_once(nonce: str) -> bool:
    """Whether nobody has shown this yet: for what is good once and not for longer than ``LIFE``."""
    return insist(lambda: _spend(nonce))


def _spend(nonce: str) -> bool:
    key, now = signing.digest(nonce), clock.now()
    with transaction() as session:
        session.execute(
            delete(SpentNonce)
            .where(SpentNonce.at < now - 2 * LIFE)
            .execution_options(synchronize_session=False)
        )
        if session.get(SpentNonce, key) is not None:
            return False
        session.add(SpentNonce(nonce_hash=key, at=now))
        return True


def _void() -> BadRequest:
    return BadRequest(_("That took too long, or was sent twice. Please try it once more."))
