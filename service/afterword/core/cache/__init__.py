"""Bytes that outlive a process: what one made, the next one and its neighbours find.

In Redis where there is one, else in a file of the data folder. Neither holds anything that is not
made again when it is gone, and while one does not answer it is left alone.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Protocol

from afterword.core import signing
from afterword.core.cache import in_file
from afterword.core.cache.in_file import FileCache
from afterword.core.cache.in_redis import RedisCache
from afterword.core.config import Settings

FILE = "ready.cache"


class Cache(Protocol):
    """Bytes under names. It may always answer that it has none, and never fails."""

    def get(self, name: object) -> bytes | None:
        """The bytes under a name, None where there are none."""

    def put(self, name: object, body: bytes) -> None:
        """Keep bytes for whoever asks next."""

    def close(self) -> None:
        """Let go of where they are kept."""


def shared(settings: Settings, *, address: str) -> Cache | None:
    """Where this installation's processes keep what is ready; None when nowhere.

    Processes share when they have the same database, secret keys and version of Afterword, and
    readers find them at the same address, which stands in what is ready.
    """
    owner = repr((settings.database, signing.ring(settings), version("afterword"), address))
    if settings.redis_url:
        return RedisCache(settings.redis_url, owner=owner)
    if settings.cache_disk_megabytes:
        most = settings.cache_disk_megabytes * 1024 * 1024
        return FileCache(settings.data / FILE, owner=owner, most_bytes=most)
    return None


def empty(settings: Settings) -> None:
    """Leave nothing in the file, were it used or not. What is in Redis ends within a day."""
    in_file.empty(settings.data / FILE)
