"""Answers made of bytes that are ready: negotiation, conditional requests, shared caching.

The headers of such an answer are made once as well: the first passes through the hooks that every
answer passes, what comes out is kept beside the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response, current_app, request
from werkzeug.http import remove_entity_headers

from afterword.core import config
from afterword.threads.cache import Ready, ReadyThreads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers


class ReadyResponse(Response):
    """An answer from ready bytes; ``is_dressed`` when its headers are complete already."""

    is_dressed = False
    ready: Ready | None = None
    default_mimetype = None  # a 304 has none

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Complete headers as they are: werkzeug would copy and check them for each answer."""
        return self.headers if self.is_dressed else super().get_wsgi_headers(environ)


def threads() -> ReadyThreads:
    """The rendered threads of this process."""
    ready: ReadyThreads = current_app.extensions["afterword.threads"]
    return ready


def encoding() -> str:
    """The best content coding that this client takes (RFC 9110, 12.5.3)."""
    accepted = request.headers.get("Accept-Encoding", "")
    for coding in ("br", "gzip"):
        if coding in accepted and (";" not in accepted or request.accept_encodings[coding] > 0):
            return coding
    return "identity"


def answer(ready: Ready, *, mimetype: str, headers: Mapping[str, str] | None = None) -> Response:
    """The bytes, or 304 where the client holds them already (RFC 9110, 13.1.2).

    ``headers`` are the same each time for the same bytes: they are kept with them.
    """
    is_held = ready.etag in request.headers.get("If-None-Match", "")
    status = 304 if is_held else 200
    # A list, not bytes: from bytes the length would be worked out anew for each answer.
    body = [] if is_held else [ready.body]
    head = ready.heads.get(status)
    if head is not None:
        response = ReadyResponse(body, status, head)
        response.is_dressed = True
        return response
    response = ReadyResponse(body, status, mimetype=mimetype)
    response.ready = ready
    _name(response, ready, headers or {"Cache-Control": shared_caching()})
    return response


def keep_head(response: Response) -> None:
    """Keep the complete headers of an answer from ready bytes, for the next one."""
    if isinstance(response, ReadyResponse) and response.ready is not None:
        head = response.headers.copy()
        if response.status_code == 304:
            remove_entity_headers(head)
        response.ready.heads[response.status_code] = head


def _name(response: Response, ready: Ready, more: Mapping[str, str]) -> None:
    headers = response.headers
    headers.update(more)
    if response.status_code == 200:
        headers["Content-Length"] = str(len(ready.body))
    if ready.encoding != "identity":
        headers["Content-Encoding"] = ready.encoding
    headers["ETag"] = ready.etag
    headers["Vary"] = "Accept-Encoding"


def shared_caching() -> str:
    """How long caches between here and the readers may keep a public answer."""
    settings = config.current()
    return (
        f"public, max-age=0, s-maxage={settings.shared_cache_seconds}, "
        f"stale-while-revalidate={settings.stale_seconds}"
    )
