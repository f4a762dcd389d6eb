"""One more way to sign in, shown and not joined yet: who showed it says first that they mean it.

Else somebody could be led into a stranger's profile, and give him what is theirs: the address of
the window says whose profile it is about, and anybody can write an address.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import select

from afterword.core import signing
from afterword.core.db import db
from afterword.core.errors import SignInFailed
from afterword.core.i18n import _
from afterword.identity import challenges
from afterword.identity.accounts import Shown
from afterword.identity.models import Account, PassportKind

_PURPOSE: Final = "joining"


@dataclass(frozen=True)
class Joining:
    """What somebody has shown, and the profile that it is to open."""

    account_id: str
    shown: Shown


def ask(joining: Joining, *, browser: str) -> str:
    """A token for the window in which it was shown, which is known by a secret that it keeps."""
    said = [
        joining.account_id,
        asdict(joining.shown),
        signing.digest(browser),
        signing.new_secret(),
        _resets(joining.account_id),
    ]
    return str(signing.tokens(_PURPOSE).dumps(said))


def agreed(token: str, *, browser: str) -> Joining:
    """What somebody has said yes to, in the same window; good once. Raises SignInFailed."""
    life = int(challenges.LIFE.total_seconds())
    try:
        said = signing.tokens(_PURPOSE).loads(token, max_age=life)
        account_id, shown, window, nonce, resets = said
    except (BadSignature, ValueError):
        raise _void() from None
    # Who has signed out everywhere since has meant this window too.
    if resets != _resets(account_id):
        raise _void()
    if window != signing.digest(browser) or not challenges.spend_once(f"join {nonce}"):
        raise _void()
    return Joining(account_id, Shown(**{**shown, "kind": PassportKind(shown["kind"])}))


def _resets(account_id: str) -> int | None:
    """How often the owner of a profile has signed out everywhere."""
    return db.session.scalar(select(Account.key_resets).where(Account.id == account_id))


def _void() -> SignInFailed:
    return SignInFailed(_("That took too long, or was sent twice. Please try it once more."))
