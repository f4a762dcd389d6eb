"""What holds for every page and answer of the window."""

from __future__ import annotations

from flask import Blueprint, Response, request

from afterword.core.errors import BadOrigin
from afterword.core.i18n import _
from afterword.web import address


def guard(blueprint: Blueprint) -> None:
    """Refuse what other sites send, and let the page that opened the window stay in touch."""
    blueprint.before_request(_refuse_others)
    blueprint.after_request(_relax)


def _refuse_others() -> None:
    if request.method not in {"GET", "HEAD"} and not address.is_own_request():
        raise BadOrigin(_("This was sent from another page. Please send it from here."))


def _relax(response: Response) -> Response:
    # Any stricter, and the browser parts the window from the page that waits for it. What a page
    # of another origin can do with it is to post to it, to close it, and to send it elsewhere.
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    # Addresses here hold codes.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
