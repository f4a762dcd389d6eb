"""Ready bytes in Redis, for the processes of several machines."""

from __future__ import annotations

from afterword.core.cache.patience import Patience, digest
from afterword.core.redis import patience


class RedisCache:
    """Bytes in Redis. ``owner`` tells apart those who use one Redis."""

    KEPT_SECONDS = 24 * 60 * 60

    def __init__(self, url: str, *, owner: str) -> None:
        import redis  # an extra: not installed where nothing names a Redis

        self._redis = redis.Redis.from_url(url, **patience())
        self._prefix = f"afterword:ready:{digest(owner.encode()).hex()}:"
        self._patience = Patience("Redis", (redis.RedisError,))

    def get(self, name: object) -> bytes | None:
        """See ``Cache``."""
        found = self._patience.ask(lambda: self._redis.get(self._key(name)))
        return found if isinstance(found, bytes) else None

    def put(self, name: object, body: bytes) -> None:
        """See ``Cache``."""
        key = self._key(name)
        self._patience.ask(lambda: self._redis.set(key, body, ex=self.KEPT_SECONDS))

    def close(self) -> None:
        """See ``Cache``."""
        self._redis.close()

    def _key(self, name: object) -> str:
        return self._prefix + digest(repr(name).encode()).hex()
