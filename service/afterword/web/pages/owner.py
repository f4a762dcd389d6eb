"""Whose page it is, where an address below ``/me`` says so: it is shown in their language."""

from __future__ import annotations

import contextlib

from flask import request

from afterword.core import i18n
from afterword.core.errors import BadRequest
from afterword.identity import accounts
from afterword.web.pages import pages


@pages.before_request
def speak_theirs() -> None:
    """What somebody chose in their profile counts for more than what their browser asks for."""
    key = (request.view_args or {}).get("key")
    if key is None or not request.path.startswith("/me/"):
        return
    with contextlib.suppress(BadRequest):  # its view says what is wrong with it
        account = accounts.owner(key)
        if account.lang is not None:
            i18n.speak(account.lang)
