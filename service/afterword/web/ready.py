"""Answers made of bytes that are ready: negotiation, conditional requests, shared caching.

The headers of such an answer are made once as well: the first passes through the hooks that every
answer passes, what comes out is kept beside the bytes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, remove_entity_headers

from afterword.core import codings, config, replica
from afterword.core.changes import Changes
from afterword.core.db import db
from afterword.sites import directory
from afterword.threads.cache import Ready, ReadyThreads, Version

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


def lists() -> ReadyThreads:
    """What was gathered from many pages: bytes that stand until anything is committed."""
    ready: ReadyThreads = current_app.extensions["afterword.lists"]
    return ready


def files() -> ReadyThreads:
    """The files of the widget."""
    ready: ReadyThreads = current_app.extensions["afterword.files"]
    return ready


def anything() -> Version:
    """The version of what hangs on every commit; a new one each time while that is not known."""
    changes: Changes = current_app.extensions["afterword.changes"]
    return changes.seen() or (time.monotonic_ns(),)


def carried() -> Version:
    """The version of what the service itself carries: as long as it runs, the same."""
    return (1,)


class Hot:
    """Which variant of which shelf answered a request line: what the front goes by.

    Bounded in number and length, the oldest goes first. It holds no bytes: those
    stay in the cache, under the cache's bounds.
    """

    MOST_LINES = 16_384
    MOST_CHARACTERS = 512

    def __init__(self, database: str) -> None:
        self._database = database
        self._lines: OrderedDict[Line, tuple[ReadyThreads, Hashable, int | None]]
        self._lines = OrderedDict()

    def learn(
        self, line: Line, shelf: ReadyThreads, variant: Hashable, generation: int | None
    ) -> None:
        """Note what a route found for this line under this generation of the sites."""
        if len(line[1]) > self.MOST_CHARACTERS:
            return
        self._lines[line] = (shelf, variant, generation)
        while len(self._lines) > self.MOST_LINES:
            self._lines.popitem(last=False)

    def find(self, line: Line, *, coding: str) -> Ready | None:
        """The bytes for this line, None unless they are certain to be what a route would find."""
        known = self._known(line)
        return known[0].fresh(known[1], coding) if known else None

    def is_away(self, line: Line, *, coding: str) -> bool:
        """Whether ``bring_back`` may find the bytes, which are not in memory."""
        known = self._known(line) if coding == "br" else None
        return known is not None and known[0].is_away(known[1])

    def bring_back(self, line: Line) -> Ready | None:
        """The bytes for this line as ``find`` gives them, from where it may have to wait."""
        known = self._known(line)
        return known[0].bring_back(known[1]) if known else None

    def _known(self, line: Line) -> tuple[ReadyThreads, Hashable] | None:
        shelf, variant, generation = self._lines.get(line, (None, None, None))
        if shelf is None:
            return None
        if generation is not None and generation != directory.known_generation(self._database):
            return None
        return shelf, variant


Line = tuple[str, bytes]  # path and query


def hot(app: Flask) -> Hot:
    """What this application's routes answered from ready bytes."""
    known: Hot = app.extensions["afterword.hot"]
    return known


@lru_cache(maxsize=256)
def coding(accepted: str) -> str:
    """The best content coding for an ``Accept-Encoding`` (RFC 9110, 12.5.3)."""
    weights: Accept = parse_accept_header(accepted, Accept)
    for name in ("br", "gzip"):
        if name in accepted and weights[name] > 0:
            return name
    return "identity"


def status(ready: Ready, held: str) -> int:
    """304 where ``If-None-Match`` says that the client holds the bytes (RFC 9110, 13.1.2)."""
    return 304 if ready.etag in held else 200


def compressed(response: Response) -> Response:
    """An answer made for one reader, in the best coding that this reader takes."""
    chosen = coding(request.headers.get("Accept-Encoding", ""))
    if chosen != "identity":
        response.set_data(codings.pack(response.get_data(), chosen))
        response.headers["Content-Encoding"] = chosen
    response.headers["Vary"] = "Accept-Encoding"
    return response


def show(  # noqa: PLR0913 - a variant, its shelf and how it is made belong together
    shelf: ReadyThreads,
    variant: Hashable,
    *,
    generation: int | None,
    version: Callable[[], Version | None],
    render: Callable[[], bytes],
    mimetype: str,
    headers: Mapping[str, str] | None = None,
    is_shared: bool = True,
) -> Response:
    """Answer a request from a shelf, and note for the front which variant it asked for.

    ``generation`` is that of the sites under which the variant was found, None where it depends on
    none. ``headers`` are the same each time for the same bytes: they are kept with them. What is
    not ``is_shared`` is kept by this process alone.
    """
    reading = _Reading(version, render)
    found = shelf.get_or_render(
        variant,
        version=reading.version,
        render=reading.render,
        encoding=coding(request.headers.get("Accept-Encoding", "")),
        is_shared=is_shared,
    )
    hot(current_app).learn((request.path, request.query_string), shelf, variant, generation)
    return _answer(found, mimetype=mimetype, headers=headers)


def fragment(
    variant: Hashable,
    *,
    version: Callable[[], Version | None],
    render: Callable[[], bytes],
    is_shared: bool,
) -> bytes:
    """A part of a page that is the same for every reader, from the shelf of the threads."""
    reading = _Reading(version, render)
    found = threads().get_or_render(
        variant,
        version=reading.version,
        render=reading.render,
        encoding="identity",
        is_shared=is_shared,
    )
    return found.body


class _Reading:
    """The version, and all that is rendered after it, as of now.

    On SQLite a request goes on reading as of its first query. What was committed since would be
    taken for seen, and be missing from the answer until the next commit.
    """

    def __init__(self, version: Callable[[], Version | None], render: Callable[[], bytes]) -> None:
        self._version = version
        self._render = render
        self._now: Version | None = None

    def version(self) -> Version | None:
        db.session.commit()
        self._now = self._version()
        return self._now

    def render(self) -> bytes:
        db.session.expire_all()  # what was read before its version may be of the one before
        if self._version in {anything, carried}:  # these ask no database how far it is
            return self._render()
        return replica.read(self._render, is_as_far=lambda: self._version() == self._now)


def _answer(ready: Ready, *, mimetype: str, headers: Mapping[str, str] | None) -> Response:
    code = status(ready, request.headers.get("If-None-Match", ""))
    # A list, not bytes: from bytes the length would be worked out anew for each answer.
    body = [] if code == 304 else [ready.body]
    head = ready.heads.get(code)
    if head is not None:
        response = ReadyResponse(body, code, head)
        response.is_dressed = True
        return response
    response = ReadyResponse(body, code, mimetype=mimetype)
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
