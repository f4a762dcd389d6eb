"""Answers made of bytes that are ready: negotiation, conditional requests, shared caching."""

from __future__ import annotations

from flask import Response, current_app, request

from afterword.core import config
from afterword.threads.cache import Ready, ReadyThreads


def threads() -> ReadyThreads:
    """The rendered threads of this process."""
    ready: ReadyThreads = current_app.extensions["afterword.threads"]
    return ready


def encoding() -> str:
    """The best content coding that this client takes (RFC 9110, 12.5.3)."""
    accepted = request.headers.get("Accept-Encoding", "")
    for coding, token in (("br", "br"), ("gzip", "gzip")):
        if token in accepted and request.accept_encodings[token] > 0:
            return coding
    return "identity"


def answer(ready: Ready, *, mimetype: str) -> Response:
    """The bytes, or 304 where the client holds them already (RFC 9110, 13.1.2)."""
    settings = config.current()
    is_known = ready.etag in request.headers.get("If-None-Match", "")
    response = Response(b"" if is_known else ready.body, 304 if is_known else 200)
    headers = response.headers
    if is_known:
        del headers["Content-Type"], headers["Content-Length"]
    else:
        headers["Content-Type"] = mimetype
    if ready.encoding != "identity":
        headers["Content-Encoding"] = ready.encoding
    headers["ETag"] = ready.etag
    headers["Vary"] = "Accept-Encoding"
    headers["Cache-Control"] = (
        f"public, max-age=0, s-maxage={settings.shared_cache_seconds}, "
        f"stale-while-revalidate={settings.stale_seconds}"
    )
    return response
