"""``/auth``: the window in which readers sign in, on our own origin. It sets no cookie either."""

from flask import Blueprint

from afterword.web.auth import access

auth = Blueprint("auth", __name__, url_prefix="/auth")
access.guard(auth)

from afterword.web.auth import (  # noqa: E402 - they add routes
    passkeys,  # noqa: F401
    window,  # noqa: F401
)
