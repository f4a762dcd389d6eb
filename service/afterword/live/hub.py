"""Tells open streams what is new. Lives in the front's event loop, one in each process.

Nobody sends it messages: it looks at the database when something was committed there, by whichever
process or command, as the ready threads do. So nothing is missed, a command's doings neither, and
several processes need nothing between them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from afterword.live import sse
from afterword.live.topics import Followed, News, Topic

LOOK_SECONDS = 0.25
BEAT_SECONDS = 20.0
MOST_BEHIND = 32  # events that a reader has not taken: then the stream ends, to be asked for again
MOST_OF_CLIENT = 60  # an office behind one address; who is refused polls

Known = tuple[Topic, int]  # a topic, up to which mark

_log = logging.getLogger(__name__)


class Stream:
    """One open stream: what its reader knows, and what was not sent yet."""

    def __init__(self, followed: Followed, *, until: float) -> None:
        self.topic = followed.topic
        self.mark = followed.mark
        self.client = followed.client
        self.until = until
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_BEHIND)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """What is to be sent, until the stream is to end."""
        while (events := await self.waiting.get()) is not None:
            yield events

    def put(self, events: bytes | None) -> None:
        """Have something sent; None, or too much of it, ends the stream."""
        try:
            self.waiting.put_nowait(events)
        except asyncio.QueueFull:
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(None)


class Hub:
    """Streams by topic. ``context`` is what the database is used in, ``changes`` a look at it."""

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[Any]],
        *,
        changes: Callable[[], Hashable],
        most: int,
        count: Callable[[int], None] | None = None,
    ) -> None:
        self._context = context
        self._count = count or (lambda _open: None)
        self._changes = changes
        self._most = most
        self._streams: dict[Topic, set[Stream]] = defaultdict(set)
        self._clients: Counter[str] = Counter()
        self._seen: Hashable = None
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._task: asyncio.Task[None] | None = None

    def has_room(self, client: str) -> bool:
        """Whether one more stream may be opened, and by this client. From any thread."""
        return self._clients.total() < self._most and self._clients[client] < MOST_OF_CLIENT

    def open(self, followed: Followed) -> Stream:
        """A stream that counts, and gathers what is told, from now on until ``close``."""
        loop = asyncio.get_running_loop()
        stream = Stream(followed, until=loop.time() + followed.topic.life_seconds)
        if not self._most:
            stream.put(None)
        self._streams[stream.topic].add(stream)
        self._clients[stream.client] += 1
        self._count(self._clients.total())
        self._seen = None  # something may have come between the route's look and now
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._watch())
        return stream

    def close(self, stream: Stream) -> None:
        """Tell a stream nothing more: its reader is gone, or it has ended."""
        streams = self._streams[stream.topic]
        streams.discard(stream)
        if not streams:
            del self._streams[stream.topic]
        self._clients[stream.client] -= 1
        if not self._clients[stream.client]:
            del self._clients[stream.client]
        self._count(self._clients.total())

    def end(self) -> None:
        """End all streams: their readers come back to the next process."""
        self._most = 0
        for stream in self._every():
            stream.put(None)
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        """Look as long as anybody follows anything."""
        loop = asyncio.get_running_loop()
        beat = loop.time() + BEAT_SECONDS
        while self._streams:
            await asyncio.sleep(LOOK_SECONDS)
            seen = self._changes()
            if seen is None or seen != self._seen:
                self._seen = seen
                await self._tell(loop)
            if loop.time() > beat:
                beat = loop.time() + BEAT_SECONDS
                self._beat(loop.time())

    async def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        known = {(stream.topic, stream.mark) for stream in self._every()}
        found = await loop.run_in_executor(self._looker, self._look, known)
        for stream in self._every() if found else ():
            news = found.get((stream.topic, stream.mark))
            if news is not None:
                stream.mark = news.mark
                stream.put(news.events)

    def _look(self, known: set[Known]) -> dict[Known, News]:
        by_kind: dict[type[Topic], list[Known]] = defaultdict(list)
        for topic, mark in known:
            by_kind[type(topic)].append((topic, mark))
        found: dict[Known, News] = {}
        try:
            with self._context():
                for kind, asked in by_kind.items():
                    found |= kind.look(asked)
        except SQLAlchemyError as error:  # the database is away: the next look tells it
            _log.warning("cannot look for news: %s", type(error).__name__)
            self._seen = None
        except Exception:
            _log.exception("cannot look for news")  # a fault of ours: who waits may poll
        return found

    def _beat(self, now: float) -> None:
        for stream in self._every():
            stream.put(sse.BEAT if now < stream.until else None)

    def _every(self) -> list[Stream]:
        return [stream for streams in self._streams.values() for stream in streams]
