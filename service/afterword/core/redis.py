"""How Redis is spoken to, where one is configured: nobody who waits for us may hang with it."""

from __future__ import annotations

from typing import Any

SECONDS = 0.1


def patience() -> dict[str, Any]:
    """The options of a connection that gives up soon, and asks once."""
    from redis.backoff import NoBackoff  # an extra: not installed where nothing names a Redis
    from redis.retry import Retry

    return {
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
