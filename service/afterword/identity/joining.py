"""One more way to sign in, shown and not joined yet: who showed it says first that they mean it.

Else somebody could be led into a stranger's profile, and give him what is theirs: the address of
the window says whose profile it is about, and anybody can write an address.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from itsdangerous import BadSignature

from afterword.core import signing
from afterword.core.errors import SignInFailed
from afterword.identity import challenges
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind

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
    ]
    return str(signing.tokens(_PURPOSE).dumps(said))


def agreed(token: str, *, browser: str) -> Joining:
    """What somebody has said yes to, in the same window; good once. Raises SignInFailed."""
    life = int(challenges.LIFE.total_seconds())
    try:
        account_id, shown, window, nonce = signing.tokens(_PURPOSE).loads(token, max_age=life)
    except BadSignature:
        raise _void() from None
    if window != signing.digest(browser) or not challenges.spend_once(f"join {nonce}"):
        raise _void()
    return Joining(account_id, Shown(**{**shown, "kind": PassportKind(shown["kind"])}))


def _void() -> SignInFailed:
    return SignInFailed("That took too long, or was sent twice. Please try it once more.")
