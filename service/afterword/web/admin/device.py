"""A browser in which an account logged in before: see ``identity.lockout``."""

from __future__ import annotations

import datetime as dt
from typing import Final

from flask import request
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from afterword.core import limits, signing
from afterword.core.errors import RateLimited
from afterword.identity import lockout
from afterword.identity.lockout import Guess
from afterword.markup import plain
from afterword.moderation import account
from afterword.web import address

LIFE: Final = dt.timedelta(days=180)
_PURPOSE: Final = "device"


def guess(email: str, *, at: str = "password") -> Guess:
    """Who tries to get in by this request, and at which step they are."""
    return Guess(email=email, network=limits.client_network(), device=_known(email), at=at)


def count(email: str, *, at: str = "password") -> Guess:
    """Count a try of this request's, before it is known to be right. Raises RateLimited.

    Who is made to wait leaves a line in the log of whoever owns the account.
    """
    made = guess(email, at=at)
    # A known browser has tries of its own: else strangers on its network could use them all up.
    if made.device is None:
        limits.log_in()
    try:
        lockout.count(made)
    except RateLimited:
        account.note_wait(email)
        raise
    return made


def remember(answer: Response, email: str) -> None:
    """Let this browser be known the next time. It is let into nothing by that."""
    said = [_account(email), _known(email) or signing.new_secret()]
    answer.set_cookie(
        _cookie_name(),
        str(signing.tokens(_PURPOSE).dumps(said)),
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=address.is_https(),
        httponly=True,
        samesite="Lax",
    )


def _known(email: str) -> str | None:
    """What tells this browser from others of the account; None where it is not known for it."""
    cookie = request.cookies.get(_cookie_name(), "")
    try:
        account, device = signing.tokens(_PURPOSE).loads(cookie, max_age=int(LIFE.total_seconds()))
    except (BadSignature, TypeError, ValueError):
        return None
    return str(device) if account == _account(email) else None


def _account(email: str) -> str:
    return signing.keyed(_PURPOSE, "", plain.kept_email(email))


def _cookie_name() -> str:
    return "__Host-afterword-known" if address.is_https() else "afterword-known"
