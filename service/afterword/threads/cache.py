"""Threads as bytes that are ready to send, as long as their page's version stands.

Coherent without messages: an entry is served only while the database says that nothing was
committed since it was checked, or that the page's version is still the same. What one process
rendered the next one finds in the cache that they share. While there is no database to ask, an
entry is served for as long as a shared cache may keep it anyway.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

from afterword.core import codings
from afterword.core.cache import Cache
from afterword.core.codings import BROTLI_QUALITY
from afterword.core.db import UNREACHABLE, db
from afterword.core.errors import NotReady
from afterword.core.i18n import _

Version = tuple[int | str, ...]

_NAME_LENGTH = 24
_NAMED = re.compile(rb"[0-9a-f]{24}.", re.DOTALL)
_ETAG_ENDS = {"br": "-br", "gzip": "-gz", "identity": ""}


@dataclass(frozen=True)
class Ready:
    """A representation: what to send and the strong ETag that names it (RFC 9110, 8.8.3)."""

    body: bytes
    etag: str
    encoding: str  # br, gzip or identity
    # Web's, by status: the headers as Flask sends them; by minus the status, as the front does.
    heads: dict[int, Any] = field(default_factory=dict, compare=False)

    @property
    def without_body(self) -> Ready:
        """What is needed to send the bytes when they are back: a tenth of their size."""
        heads = list(self.heads.items())
        once = {status: head for status, head in heads if status < 0 or -status not in self.heads}
        return replace(self, body=b"", heads=once)


@dataclass
class _Entry:
    """A rendered variant. It is kept packed: that is a sixth of its size, and what most ask for."""

    version: Version | None
    name: str  # of its content: the same bytes have the same ETag in every process
    packed: bytes  # br
    checked: Hashable = None
    proved: float = field(default_factory=time.monotonic)  # when it was known to be right
    counted: int = 0  # bytes that its shelf counts for it
    is_shared: bool = True  # whether other processes may have it from here
    ready: dict[str, Ready] = field(default_factory=dict)

    @property
    def size(self) -> int:
        # What a process really grows by: the key, the dicts, the headers that web keeps; and large
        # bodies leave gaps behind that nothing else fits into.
        others = (ready.body for ready in self.ready.values() if ready.encoding != "br")
        return 4096 + len(self.packed) + 2 * sum(map(len, others))

    def represent(self, encoding: str) -> Ready:
        """What to send to a client that takes this encoding."""
        body = self.packed
        if encoding != "br":
            body = codings.pack(codings.unpack(body), encoding)
        return Ready(body, f'"{self.name}{_ETAG_ENDS[encoding]}"', encoding)


class _Shelf:
    """Entries up to a number of bytes; the least recently used goes first."""

    def __init__(
        self, most_bytes: int, *, outgrown: Callable[[Hashable, _Entry], None] | None = None
    ) -> None:
        self._most = most_bytes
        self._outgrown = outgrown
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            try:
                self._entries.move_to_end(key)
            except KeyError:  # dropped by another thread since the line before: still good to send
                return entry
        return entry

    def put(self, key: Hashable, entry: _Entry) -> None:
        """Keep an entry, or note that one that is kept was used and has grown."""
        self.drop(key)
        self._entries[key] = entry
        entry.counted = entry.size
        self._bytes += entry.counted
        while self._bytes > self._most:
            # At once: ``get``, which takes no lock, may move another one to the end meanwhile.
            oldest, dropped = self._entries.popitem(last=False)
            self._bytes -= dropped.counted
            if self._outgrown:
                self._outgrown(oldest, dropped)

    def drop(self, key: Hashable) -> _Entry | None:
        entry = self._entries.pop(key, None)
        self._bytes -= entry.counted if entry else 0
        return entry


class ReadyThreads:
    """Rendered variants, least recently used out first when they outgrow ``most_bytes``.

    Pages that nobody commented on have a small shelf of their own: whoever asks for a million
    invented addresses pushes out no thread that is read.

    What outgrows the memory is in the cache that processes share. As much as is needed to take it
    from there without a question to the database stays here: its version, its headers.
    """

    MOST_AWAY = 8192

    def __init__(  # noqa: PLR0913 - what it knows of the database, and whom it tells
        self,
        most_bytes: int,
        *,
        changes: Callable[[], Hashable] | None = None,
        shared: Cache | None = None,
        quality: int = BROTLI_QUALITY,
        count: Callable[[str], None] | None = None,
        is_cut_off: Callable[[], bool] = lambda: False,
        most_stale: float = 0,
    ) -> None:
        self._changes = changes
        self._count = count or (lambda _source: None)
        self._is_cut_off = is_cut_off
        self._most_stale = most_stale
        self._shared = shared
        self._quality = quality
        self._threads = _Shelf(most_bytes, outgrown=self._put_away)
        self._away: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._empty = _Shelf(most_bytes // 16)
        self._lock = threading.Lock()
        self._renders: dict[Hashable, threading.Lock] = {}

    def get_or_render(
        self,
        key: Hashable,
        *,
        version: Callable[[], Version | None],
        render: Callable[[], bytes],
        encoding: str,
        is_shared: bool = True,
    ) -> Ready:
        """The ready bytes of a variant. A thousand readers of a changed page cause one render.

        ``version`` is asked only when something was committed since the last look; None is that of
        a page without comments. What is not ``is_shared`` stays in this process: the memory here
        has a bound, and Redis only the one that its owner gave it.
        """
        seen = self._changes() if self._changes else None
        entry = self._threads.get(key) or self._empty.get(key)
        if entry is not None and seen is not None and entry.checked == seen:
            self._count("memory")
            entry.proved = time.monotonic()
        elif self._is_cut_off():
            entry = self._stale(entry)
        else:
            try:
                entry = self._checked(
                    entry, key, version=version, render=render, is_shared=is_shared
                )
            except UNREACHABLE as error:
                entry = self._stale(entry, why=error)
                db.session.rollback()  # what failed would be in the way of what this reader asks
            else:
                entry.checked, entry.proved = seen, time.monotonic()
        return entry.ready.get(encoding) or self._represent(key, entry, encoding)

    def fresh(self, key: Hashable, encoding: str) -> Ready | None:
        """A variant's bytes, only when they are made and nothing was committed since a look."""
        entry = self._threads.get(key) or self._empty.get(key)
        seen = self._changes() if entry and self._changes else None
        if entry is None or seen is None or entry.checked != seen:
            return None
        entry.proved = time.monotonic()
        return entry.ready.get(encoding)

    def is_away(self, key: Hashable) -> bool:
        """Whether ``bring_back`` may find a variant."""
        return key in self._away

    def bring_back(self, key: Hashable) -> Ready | None:
        """A variant's bytes in ``br`` from the shared cache, under the terms of ``fresh``.

        It may wait for a disk or a network.
        """
        entry = self._away.get(key)
        seen = self._changes() if entry and self._changes else None
        if entry is None or self._shared is None or seen is None or entry.checked != seen:
            return None
        found = self._found(key, entry.version)
        if found is None or found.name != entry.name:  # the headers that are here name other bytes
            return None
        found.checked = seen
        found.ready["br"] = replace(entry.ready["br"], body=found.packed)
        with self._lock:
            self._keep(key, found)
        return found.ready["br"]

    def _checked(
        self,
        entry: _Entry | None,
        key: Hashable,
        *,
        version: Callable[[], Version | None],
        render: Callable[[], bytes],
        is_shared: bool,
    ) -> _Entry:
        """The entry when its version still stands, else a new one."""
        now = version()
        if entry is None or entry.version != now:
            return self._render_once(key, now, render, is_shared=is_shared)
        self._count("memory")
        return entry

    def _stale(self, entry: _Entry | None, *, why: Exception | None = None) -> _Entry:
        """The entry while it may be sent without a look at the database. Raises NotReady."""
        if entry is None or time.monotonic() - entry.proved > self._most_stale:
            raise why or NotReady(_("The comments are not reachable right now."), retry_after=5)
        self._count("stale")
        return entry

    def _put_away(self, key: Hashable, entry: _Entry) -> None:
        if self._shared is None or not entry.is_shared or "br" not in entry.ready:
            return
        without = {"br": entry.ready["br"].without_body}
        self._away[key] = _Entry(entry.version, entry.name, b"", entry.checked, ready=without)
        while len(self._away) > self.MOST_AWAY:
            self._away.popitem(last=False)

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        self._threads.drop(key)
        self._empty.drop(key)
        self._away.pop(key, None)
        self._shelf(entry).put(key, entry)

    def _render_once(
        self,
        key: Hashable,
        version: Version | None,
        render: Callable[[], bytes],
        *,
        is_shared: bool,
    ) -> _Entry:
        with self._lock:
            turn = self._renders.setdefault(key, threading.Lock())
        try:
            with turn:
                entry = self._threads.get(key) or self._empty.get(key)
                if entry is None or entry.version != version:
                    entry = self._found(key, version) if is_shared else None
                    self._count("shared" if entry else "rendered")
                    entry = entry or self._made(key, version, render(), is_shared=is_shared)
                    with self._lock:
                        self._keep(key, entry)
                else:  # another reader had it made meanwhile
                    self._count("memory")
        finally:
            with self._lock:
                if self._renders.get(key) is turn:
                    del self._renders[key]
        return entry

    def _found(self, key: Hashable, version: Version | None) -> _Entry | None:
        """What another process rendered, or this one before it was started anew."""
        packed = self._shared.get((key, version)) if self._shared and version else None
        if packed is None or not _NAMED.match(packed):
            return None
        return _Entry(version, packed[:_NAME_LENGTH].decode(), packed[_NAME_LENGTH:])

    def _made(
        self, key: Hashable, version: Version | None, body: bytes, *, is_shared: bool
    ) -> _Entry:
        packed = codings.pack(body, "br", quality=self._quality)
        entry = _Entry(version, _name(body), packed, is_shared=is_shared)
        if self._shared and version and is_shared:
            # With its name, which would cost more to find out than all the rest.
            self._shared.put((key, version), entry.name.encode() + entry.packed)
        return entry

    def _represent(self, key: Hashable, entry: _Entry, encoding: str) -> Ready:
        ready = entry.represent(encoding)
        with self._lock:
            entry.ready[encoding] = ready
            if self._shelf(entry).get(key) is entry:
                self._shelf(entry).put(key, entry)
        return ready

    def _shelf(self, entry: _Entry) -> _Shelf:
        return self._empty if entry.version is None else self._threads


def _name(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=_NAME_LENGTH // 2).hexdigest()
