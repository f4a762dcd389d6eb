"""What we ask a browser for when a passkey is to be made or used, and what it answers.

The challenge is fetched by a script, what the device signs comes with a form; both name the browser
that it is for.
"""

from __future__ import annotations

from typing import Final

from flask import Response, json, make_response, request

from afterword.core import signing
from afterword.core.errors import BadRequest, NotOffered
from afterword.core.i18n import _
from afterword.identity import challenges, lockout, passkeys
from afterword.identity.challenges import Purpose
from afterword.identity.models import Moderator, Passkey
from afterword.identity.passkeys import Party
from afterword.moderation import account
from afterword.web import address
from afterword.web.admin import device


def credential_field(purpose: Purpose) -> str:
    """The field of a form with what the device says. A form may be for two purposes at once."""
    return f"{purpose}-credential"


def token_field(purpose: Purpose) -> str:
    """The field with the token of the challenge that it answers."""
    return f"{purpose}-token"


FIELDS: Final = (credential_field, token_field)


def ask_to_add(moderator: Moderator, *, session: str) -> Response:
    """Let a browser with this session make a passkey. Raises NotOffered."""
    at = _party()
    challenge = challenges.issue(Purpose.ADD, to=session)
    return _asked(passkeys.creation(moderator, challenge.nonce, at=at), challenge.token)


def ask_to_confirm(moderator: Moderator, *, session: str) -> Response:
    """Let a browser with this session use one of its moderator's. Raises NotOffered."""
    at = _party()
    challenge = challenges.issue(Purpose.CONFIRM, to=session)
    return _asked(passkeys.request(challenge.nonce, at=at, of=moderator), challenge.token)


def ask_to_log_in() -> Response:
    """Let a browser that nobody is logged in with use any that it has. Raises NotOffered."""
    at = _party()
    browser = _browser() or signing.new_secret()
    challenge = challenges.issue(Purpose.LOG_IN, to=browser)
    answer = _asked(passkeys.request(challenge.nonce, at=at), challenge.token)
    answer.set_cookie(
        _cookie_name(),
        browser,
        max_age=int(challenges.LIFE.total_seconds()),
        path="/",
        secure=address.is_https(),
        httponly=True,
        samesite="Strict",
    )
    return answer


def made(*, session: str) -> Passkey:
    """The passkey that a browser with this session has made. Raises BadRequest, NotOffered."""
    at, nonce = _party(), _spend(Purpose.ADD, to=session)
    return passkeys.made(_credential(Purpose.ADD), nonce, at=at)


def logged_in() -> Moderator:
    """Whose passkey was used to log in. Raises BadRequest, NotOffered, RateLimited."""
    return _proved(Purpose.LOG_IN, to=_browser())


def confirm(moderator: Moderator, *, session: str) -> None:
    """Check that one of a moderator's was used. Raises BadRequest, NotOffered, RateLimited."""
    _proved(Purpose.CONFIRM, to=session, of=moderator)


def _proved(purpose: Purpose, *, to: str, of: Moderator | None = None) -> Moderator:
    at, credential = _party(), _credential(purpose)
    found = passkeys.find(credential)
    guess = device.count(found.moderator.email if found else "", at="passkey")
    nonce = _spend(purpose, to=to)
    if found is None or (of is not None and found.moderator_id != of.id):
        raise BadRequest(
            _("This passkey opens nothing here, or no longer. Use another, or your password.")
        )
    account.use_passkey(found, credential, nonce, at=at)
    lockout.forget(guess)
    return found.moderator


def _credential(purpose: Purpose) -> str:
    return request.form.get(credential_field(purpose), "")


def _spend(purpose: Purpose, *, to: str) -> bytes:
    return challenges.spend(request.form.get(token_field(purpose), ""), purpose, to=to)


def _party() -> Party:
    found = passkeys.party()
    if found is None:
        raise NotOffered(
            _("Passkeys need https and a name for this service; it has no such address.")
        )
    return found


def _asked(options: str, token: str) -> Response:
    answer = make_response({"options": json.loads(options), "token": token})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _browser() -> str:
    """What tells the browser before the log-in from others; empty when it was asked nothing yet."""
    return request.cookies.get(_cookie_name(), "")


def _cookie_name() -> str:
    return "__Host-afterword-asked" if address.is_https() else "afterword-asked"
