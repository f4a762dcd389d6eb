"""Bytes that processes share through Redis, so that a new one starts with what others made.

Without Redis nothing is shared, and while it does not answer it is left alone: whoever asks makes
the bytes again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from importlib.metadata import version

from afterword.core import signing
from afterword.core.config import Settings

_log = logging.getLogger(__name__)


class SharedCache:
    """Bytes under names, for ``KEPT_SECONDS``. It may always answer that it has none.

    ``owner`` tells apart those who use one Redis: nobody reads what another put there.
    """

    # Long enough for a restart; short, because a database that was put back from a copy may come
    # to the same version of a page again with other comments.
    KEPT_SECONDS = 600
    # A thread is rendered in less time than it is worth waiting for.
    TIMEOUT_SECONDS = 0.1
    REST_SECONDS = 5.0

    def __init__(self, url: str, *, owner: str) -> None:
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        import redis  # an extra: not installed where nothing names a Redis

        self._failure = redis.RedisError
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=self.TIMEOUT_SECONDS,
            socket_connect_timeout=self.TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._prefix = f"afterword:ready:{owner}:"
        self._rests_until = 0.0

    def get(self, name: object) -> bytes | None:
        """The bytes under a name, None where there are none or Redis does not say."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            found: bytes | None = self._redis.get(self._key(name))  # type: ignore[assignment]
        except self._failure as error:
            self._rest(error)
            return None
        return found

    def put(self, name: object, body: bytes) -> None:
        """Keep bytes for the other processes, where Redis takes them."""
        if time.monotonic() < self._rests_until:
            return
        try:
            self._redis.set(self._key(name), body, ex=self.KEPT_SECONDS)
        except self._failure as error:
            self._rest(error)

    def clear(self) -> None:
        """Forget everything of this owner: the database is another one now."""
        try:
            for key in self._redis.scan_iter(match=f"{self._prefix}*", count=1000):
                self._redis.unlink(key)
        except self._failure as error:
            self._rest(error)

    def close(self) -> None:
        """Let go of Redis."""
        self._redis.close()

    def _key(self, name: object) -> str:
        return self._prefix + hashlib.blake2b(repr(name).encode(), digest_size=16).hexdigest()

    def _rest(self, error: Exception) -> None:
        self._rests_until = time.monotonic() + self.REST_SECONDS
        _log.warning("Redis keeps no threads for now: %s", type(error).__name__)


def shared(settings: Settings) -> SharedCache | None:
    """The cache that this installation's processes share, None without Redis.

    Processes share when they have the same database, secret keys and version of Afterword.
    """
    if not settings.redis_url:
        return None
    said = (settings.database, signing.ring(settings), version("afterword"))
    owner = hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()
    return SharedCache(settings.redis_url, owner=owner)
