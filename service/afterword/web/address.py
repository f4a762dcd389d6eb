"""How requests reach this service."""

from __future__ import annotations

from flask import request

from afterword.core import config


def is_own_request() -> bool:
    """Whether a form was sent by a page of ours: by what the browser says of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == config.public_url() or origin == request.host_url.rstrip("/")


def is_https() -> bool:
    """Whether browsers reach this service by https."""
    return config.public_url().startswith("https://")
