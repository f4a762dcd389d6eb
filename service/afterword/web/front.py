"""The ASGI front: hands out bytes that are ready and gives everything else to Flask's threads.

It decides nothing. Which bytes answer a request line was found by a Flask route (``web/ready.py``
keeps it); the front only sends them again while nothing was committed and no site changed since.
What a stream goes on to tell a route said as well (``web/streams.py``); here it is held open.
Whatever it does not know, or is not sure of, is Flask's. ``create_app()`` answers the same without.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from a2wsgi import WSGIMiddleware
from flask import Flask

from afterword.core.config import Settings
from afterword.core.metrics import Metrics
from afterword.live import topics
from afterword.live.hub import Hub, Stream
from afterword.web import bodies, ready, requests, streams

if TYPE_CHECKING:
    from afterword.threads.cache import Ready

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Head = list[tuple[bytes, bytes]]
Asked = tuple[ready.Line, str, str]  # request line, content coding, ETag held

SCRIPT = "/embed.js"
PATHS = frozenset(
    {
        *("/api/v1/thread", "/api/v1/counts", "/api/v1/latest", SCRIPT),
        *("/feeds/page.atom", "/feeds/page.json", "/feeds/site.atom", "/feeds/site.json"),
    }
)
METHODS = frozenset({"GET", "HEAD"})
READS = METHODS | {"OPTIONS"}
FETCHERS = 2  # one waits for the disk while another takes over
_FOLLOW = streams.HEADER.lower().encode()
MOST_WAITS = 3  # for the answer to somebody else's request, which may help nobody but him


class Beside(Protocol):
    """Something that works in a thread of its own for as long as this process serves."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, after what is at hand if that is soon."""


class Front:
    """An ASGI application before a Flask application; others work beside it while it lives."""

    def __init__(self, app: Flask, *, threads: int, beside: Sequence[Beside], hub: Hub) -> None:
        self._beside = beside
        self._hub = hub
        self._hot = ready.hot(app)
        self._metrics: Metrics | None = app.extensions["afterword.metrics"]
        self._routes = {path: requests.route_of(app, path) for path in PATHS}
        settings: Settings = app.extensions["afterword.settings"]
        self._logs = settings.log_requests
        self._trusted = settings.trusted_proxies
        self._under_way: dict[tuple[ready.Line, str], asyncio.Event] = {}
        self._fetchers = ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetch")
        # Without a bound on the queue: a thread hands its answer over and is free, however slowly
        # the client reads, and none waits for ever for a client that left.
        self._flask = WSGIMiddleware(app, workers=threads, send_queue_size=0)  # type: ignore[arg-type]
        # Half of the threads stay free for readers, however many write at once.
        self._writing = asyncio.Semaphore(max(1, threads // 2))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            await self._flask(scope, receive, send)  # type: ignore[arg-type]
            return
        if self._metrics or self._logs:
            requests.arrived(scope)
        asked = _asked(scope)
        if asked is not None and await self._sent(asked, scope, send):
            return
        scope, receive = await _with_body(scope, receive)
        if asked is not None:
            await self._ask_once(asked, scope, receive, send)
        elif scope["path"] in streams.PATHS and scope["method"] == "GET":
            await self._stream(scope, receive, send)
        elif scope["method"] in READS:
            await self._flask(scope, receive, send)  # type: ignore[arg-type]
        else:
            await self._write(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the start of this process to its end (https://asgi.readthedocs.io, lifespan)."""
        await receive()
        for one in self._beside:
            one.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        # All at once: each may wait for seconds, and a service that stops has few.
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(None, one.stop) for one in self._beside))
        await send({"type": "lifespan.shutdown.complete"})

    async def _sent(self, asked: Asked, scope: Scope, send: Send) -> bool:
        """Send what is ready for this request, and whether there was something."""
        line, coding, held = asked
        found, source = self._hot.find(line, coding=coding), "memory"
        if found is None and self._hot.is_away(line, coding=coding):
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._fetchers, self._hot.bring_back, line)
            source = "shared"
        if found is None:
            return False
        status = ready.status(found, held)
        head = _head(found, status)
        if head is None:
            return False
        if self._metrics or self._logs:
            self._count(scope, status, source=source)
        await send({"type": "http.response.start", "status": status, "headers": head})
        with_body = status == 200 and scope["method"] == "GET"
        await send({"type": "http.response.body", "body": found.body if with_body else b""})
        return True

    def _count(self, scope: Scope, status: int, *, source: str) -> None:
        """Count and log an answer that Flask does not see."""
        seconds = time.perf_counter() - scope[requests.ARRIVED]
        method, route = scope["method"], self._routes[scope["path"]]
        if self._metrics:
            self._metrics.answered(method, route, status, seconds=seconds)
            if scope["path"] != SCRIPT:  # of threads and lists alone, as Flask counts them
                self._metrics.read(source)
        if self._logs:
            name = requests.name_of(scope, trusted=self._trusted)
            requests.line(method, route, status, seconds=seconds, name=name)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send Flask's answer, and what the hub tells after it when the answer says so.

        Who leaves is noticed by the server, which cancels this.
        """
        opened: list[Stream] = []

        async def tell(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message, said = _taken_off(message)
                # Before its reader hears of it: so the next one's route counts it.
                opened.extend(self._hub.open(topics.read(one.decode())) for one in said)
            elif opened:
                message = {**message, "more_body": True}
            await send(message)

        try:
            await self._flask(scope, receive, tell)  # type: ignore[arg-type]
            for stream in opened:
                async for events in stream:
                    await send({"type": "http.response.body", "body": events, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        finally:
            for stream in opened:
                self._hub.close(stream)

    def end_streams(self) -> None:
        """End what would never end by itself: this process is about to."""
        self._hub.end()

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask Flask when it is this one's turn to write; the next one's comes with the answer."""
        await self._writing.acquire()
        done = iter([self._writing.release])

        async def tell(message: MutableMapping[str, Any]) -> None:
            for release in done:
                release()
            await send(message)

        try:
            await self._flask(scope, receive, tell)  # type: ignore[arg-type]
        finally:
            for release in done:
                release()

    async def _ask_once(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask Flask, unless it is being asked the same: then wait for that answer, and share it.

        A page that changed is asked for by all its readers at once; one of them is enough.
        """
        same = asked[:2]
        for _ in range(MOST_WAITS):
            if same not in self._under_way:
                break
            await self._under_way[same].wait()
            if await self._sent(asked, scope, send):
                return
        answered = self._under_way[same] = asyncio.Event()

        async def tell(message: MutableMapping[str, Any]) -> None:
            # When the answer begins, not when its reader has taken all of it: that may be never.
            answered.set()
            await send(message)

        try:
            await self._flask(scope, receive, tell)  # type: ignore[arg-type]
        finally:
            answered.set()
            if self._under_way.get(same) is answered:
                del self._under_way[same]


def _asked(scope: Scope) -> Asked | None:
    """What a request asks for, of that which may be ready: the line, the coding, the ETag held."""
    if scope["path"] not in PATHS or scope["method"] not in METHODS:
        return None
    accepted, held = _conditions(scope["headers"])
    return (scope["path"], scope["query_string"]), ready.coding(accepted), held


async def _with_body(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """The request with its body, waited for here: a slow sender holds no thread.

    Flask is given what came when it is longer than it may be, or when its sender left or fell
    silent: it refuses both, by a length that is too long or was not reached.
    """
    parts: list[MutableMapping[str, Any]] = []
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    size, more, most = 0, True, bodies.most(kind.decode("latin-1"))
    while more and size <= most:
        message = await receive()
        parts.append(message)
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect":
            break
        more = message.get("more_body", False)
    if any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        # Its length is known by now, and said instead: WSGI knows no chunks.
        others = [header for header in scope["headers"] if header[0] != b"transfer-encoding"]
        scope = {**scope, "headers": [*others, (b"content-length", b"%d" % (size + more))]}
    waiting = iter(parts)

    async def replay() -> MutableMapping[str, Any]:
        return next(waiting, None) or await receive()

    return scope, replay


def _taken_off(message: MutableMapping[str, Any]) -> tuple[MutableMapping[str, Any], list[bytes]]:
    """The start of an answer without the word for the front and, if there is one, a length."""
    headers = message["headers"]
    said = [value for name, value in headers if name.lower() == _FOLLOW]
    if not said:
        return message, said
    off = {_FOLLOW, b"content-length"}
    return {**message, "headers": [one for one in headers if one[0].lower() not in off]}, said


def _conditions(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str]:
    """The Accept-Encoding and If-None-Match of a request; repeated ones joined (RFC 9110, 5.3)."""
    accepted: bytes | None = None
    held: bytes | None = None
    for name, value in headers:
        if name == b"accept-encoding":
            accepted = value if accepted is None else accepted + b"," + value
        elif name == b"if-none-match":
            held = value if held is None else held + b"," + value
    return (accepted or b"").decode("latin-1"), (held or b"").decode("latin-1")


def _head(found: Ready, status: int) -> Head | None:
    """The headers that Flask gave these bytes, in ASGI's form; made once."""
    made: Head | None = found.heads.get(-status)
    if made is None and status in found.heads:
        made = [(_wire(name.lower()), _wire(value)) for name, value in found.heads[status]]
        found.heads[-status] = made
    return made


@lru_cache(maxsize=1024)
def _wire(text: str) -> bytes:
    """A name or value as bytes: one copy of it, since nearly all answers say the same."""
    return text.encode("latin-1")
