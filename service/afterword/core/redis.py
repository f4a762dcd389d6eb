"""How Redis is spoken to, where one is configured: nobody who waits for us may hang with it."""

from __future__ import annotations

from typing import Any

from afterword.core import config

SECONDS = 0.1


def patience(*, seconds: float = SECONDS) -> dict[str, Any]:
    """The options of a connection that gives up soon, and asks once.

    Raises WrongSetting without the extra.
    """
    try:
        from redis.backoff import NoBackoff  # not installed where nothing names a Redis
        from redis.retry import Retry
    except ImportError:
        raise config.needs_extra("REDIS_URL", "redis") from None
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
    }


def counted_at(url: str) -> str:
    """The same address as limits writes it (https://limits.readthedocs.io/en/stable/storage.html)."""
    return f"redis+{url}" if url.startswith("unix://") else url
