"""Signing in with a passkey, which is bound to this service's own origin."""

from __future__ import annotations

from flask import Response, json, jsonify, request

from afterword.core import limits, signing
from afterword.core.db import transaction
from afterword.core.errors import NotOffered
from afterword.core.i18n import _
from afterword.identity import challenges, passkeys, reader_passkeys
from afterword.identity.challenges import Purpose
from afterword.identity.passkeys import Party
from afterword.posting import sign_in
from afterword.web.auth import auth, window


@auth.post("/passkey/begin")
def ask_passkey() -> Response:
    at, browser = _party(), signing.new_secret()
    challenge = challenges.issue(Purpose.SIGN_IN, to=browser)
    options = json.loads(passkeys.request(challenge.nonce, at=at))
    # The secret stays in the script that asks: what is signed is for this one call.
    return jsonify({"options": options, "token": challenge.token, "browser": browser})


@auth.post("/passkey")
def use_passkey() -> Response:
    at, waiting, sent = _party(), window.waiting(request.form), request.form
    limits.sign_in()
    nonce = challenges.spend(sent.get("token", ""), Purpose.SIGN_IN, to=sent.get("browser", ""))
    with transaction():
        account = reader_passkeys.use(sent.get("credential", ""), nonce, at=at)
        done = sign_in.hand_over(account, waiting)
    return window.told(done)


def _party() -> Party:
    found = passkeys.party()
    if found is None:
        raise NotOffered(
            _("Passkeys need https and a name for this service; it has no such address.")
        )
    return found
