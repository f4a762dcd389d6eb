"""Where this service is reached. From the settings, never from the Host header of a request."""

from __future__ import annotations

from flask import current_app, request

from afterword.core import config


def public_url() -> str:
    """The service's own address without a trailing slash."""
    return config.current().public_url or str(current_app.extensions["afterword.address"])


def is_own_request() -> bool:
    """Whether a form was sent by a page of ours: by what the browser says of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == public_url() or origin == request.host_url.rstrip("/")


def is_https() -> bool:
    """Whether browsers reach this service by https."""
    return public_url().startswith("https://")
