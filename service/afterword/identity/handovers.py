"""What a pop-up hands to the page that opened it: a code, of use to nobody else.

The page has kept a random verifier and told us its digest when it opened the pop-up (as PKCE does,
RFC 7636). So a code that is overheard opens nothing, nor does one for another page.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import db
from afterword.core.errors import BadCode, BadRequest
from afterword.core.i18n import _
from afterword.identity.models import Account, HandOver

LIFE: Final = dt.timedelta(minutes=2)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@dataclass(frozen=True)
class Waiting:
    """The page that waits for somebody to sign in: its site and exact origin, and its challenge."""

    site_id: int
    origin: str
    challenge: str


def check_challenge(challenge: str) -> str:
    """A challenge as sent. Raises BadRequest for what is none."""
    if not _CHALLENGE.match(challenge):
        raise BadRequest(_("The page that opened this window said not how it is known."))
    return challenge


def give(account: Account, waiting: Waiting) -> str:
    """The code for a page. Inside a transaction."""
    code = signing.new_secret()
    db.session.add(
        HandOver(
            code_hash=signing.digest(code),
            account_id=account.id,
            site_id=waiting.site_id,
            origin=waiting.origin,
            challenge=waiting.challenge,
        )
    )
    return code


def take(code: str, verifier: str, *, site_id: int, origin: str) -> Account | None:
    """Whom a page may have by its code, which is void from now on, whoever has shown it.

    None where it is not this page's. Inside a transaction, which is to be committed either way.
    """
    _forget()
    held = db.session.get(
        HandOver, signing.digest(code), populate_existing=True, with_for_update=True
    )
    if held is None:
        return None
    db.session.delete(held)
    is_here = (held.site_id, held.origin) == (site_id, origin)
    if not is_here or not signing.same(held.challenge, challenge(verifier)):
        return None
    return db.session.get(Account, held.account_id)


def challenge(verifier: str) -> str:
    """What a verifier is told by beforehand: S256 of RFC 7636."""
    if not _VERIFIER.match(verifier):
        raise BadRequest(
            _("verifier must be 43 to 128 characters."), fields={"verifier": "unusable"}
        )
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def refused() -> BadCode:
    """What is said of a code that opens nothing."""
    return BadCode(_("This sign-in was for another page, or it is too old. Please sign in again."))


def _forget() -> None:
    db.session.execute(
        delete(HandOver)
        .where(HandOver.created < clock.now() - LIFE)
        .execution_options(synchronize_session=False)
    )
