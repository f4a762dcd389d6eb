"""Threads as bytes that are ready to send, as long as their page's version stands.

Coherent without messages: an entry is served only while the database says that nothing was
committed since it was checked (SQLite), or that the page's version is still the same.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import brotli

BROTLI_QUALITY = 5  # 10 kB in 1 ms; 11 would save 5 % more for thirty times the work
GZIP_LEVEL = 6

Version = tuple[int, ...]


@dataclass(frozen=True)
class Ready:
    """A representation: what to send and the strong ETag that names it (RFC 9110, 8.8.3)."""

    body: bytes
    etag: str
    encoding: str  # br, gzip or identity
    heads: dict[int, Any] = field(default_factory=dict, compare=False)  # web's, by status


@dataclass
class _Entry:
    version: Version
    checked: Hashable
    body: bytes
    ready: dict[str, Ready] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(ready.body) for ready in self.ready.values())


class ReadyThreads:
    """Rendered variants, least recently used out first when they outgrow ``most_bytes``."""

    def __init__(self, most_bytes: int, *, changes: Callable[[], Hashable] | None = None) -> None:
        self._most = most_bytes
        self._changes = changes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._renders: dict[Hashable, threading.Lock] = {}
        self._bytes = 0

    def get_or_render(
        self,
        key: Hashable,
        *,
        version: Callable[[], Version | None],
        render: Callable[[], bytes],
        encoding: str,
    ) -> Ready:
        """The ready bytes of a variant. A thousand readers of a changed page cause one render.

        ``version`` is asked only when something was committed since the last look; None means that
        there is nothing worth keeping, as for a page without comments.
        """
        seen = self._changes() if self._changes else None
        entry = self._entries.get(key)
        if entry is None or seen is None or entry.checked != seen:
            now = version()
            if now is None:
                return _represent(render(), encoding)
            if entry is None or entry.version != now:
                entry = self._render_once(key, now, seen, render)
            entry.checked = seen
        return entry.ready.get(encoding) or self._encode(key, entry, encoding)

    def _render_once(
        self, key: Hashable, version: Version, seen: Hashable, render: Callable[[], bytes]
    ) -> _Entry:
        with self._lock:
            turn = self._renders.setdefault(key, threading.Lock())
        with turn:
            entry = self._entries.get(key)
            if entry is None or entry.version != version:
                entry = _Entry(version, seen, render())
                self._keep(key, entry)
        with self._lock:
            self._renders.pop(key, None)
        return entry

    def _encode(self, key: Hashable, entry: _Entry, encoding: str) -> Ready:
        ready = _represent(entry.body, encoding)
        entry.ready[encoding] = ready
        with self._lock:
            if self._entries.get(key) is entry:
                self._entries.move_to_end(key)
                self._bytes += len(ready.body)
                self._shrink()
        return ready

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            self._entries[key] = entry
            self._bytes += entry.size - (old.size if old else 0)
            self._shrink()

    def _shrink(self) -> None:
        while self._bytes > self._most and self._entries:
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= oldest.size


def _represent(body: bytes, encoding: str) -> Ready:
    # The name follows the content: the same bytes have the same ETag in every process.
    name = hashlib.blake2b(body, digest_size=12).hexdigest()
    match encoding:
        case "br":
            return Ready(brotli.compress(body, quality=BROTLI_QUALITY), f'"{name}-br"', "br")
        case "gzip":
            return Ready(gzip.compress(body, GZIP_LEVEL, mtime=0), f'"{name}-gz"', "gzip")
    return Ready(body, f'"{name}"', "identity")
