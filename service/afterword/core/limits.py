"""Limits on what costs us something, per client. Counted by Flask-Limiter, shared through Redis."""

from __future__ import annotations

import time

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from afterword.core import addresses, config
from afterword.core.config import Settings
from afterword.core.errors import RateLimited

LOG_INS = "5 per minute; 30 per hour"


def start(app: Flask, settings: Settings) -> None:
    """Set the counters up: in Redis when it is configured, with memory to fall back on."""
    limiter = Limiter(
        client_network,
        enabled=settings.rate_limits,
        storage_uri=settings.redis_url or "memory://",
        strategy="moving-window",
        in_memory_fallback_enabled=bool(settings.redis_url),
        key_prefix="afterword",
    )
    limiter.init_app(app)
    app.extensions["afterword.limiter"] = limiter


def client_address() -> str:
    """The address of whoever asks, behind the proxies that we trust."""
    return addresses.client(
        request.remote_addr or "",
        ",".join(request.headers.getlist("X-Forwarded-For")),
        trusted=config.current().trusted_proxies,
    )


def client_network() -> str:
    """What a client is counted by."""
    return addresses.network(client_address())


def post() -> None:
    """Count a comment by this client. Raises RateLimited."""
    _count("post", config.current().post_limit, client_network())


def preview() -> None:
    """Count a preview by this client. Raises RateLimited."""
    _count("preview", "30 per minute", client_network())


def log_in(email: str = "") -> None:
    """Count a try to log in, by this client and for this account. Raises RateLimited."""
    _count("log-in", LOG_INS, client_network())
    if email:
        _count("log-in-as", LOG_INS, email.strip().lower())


def _count(what: str, limits: str, whom: str) -> None:
    limiter: Limiter = current_app.extensions["afterword.limiter"]
    if not limiter.enabled:
        return
    for limit in parse_many(limits):
        if not limiter.limiter.hit(limit, what, whom):
            raise RateLimited(
                "That was a lot in a short time. Please wait a moment and try again.",
                retry_after=_wait(limiter, limit, what, whom),
            )


def _wait(limiter: Limiter, limit: RateLimitItem, what: str, whom: str) -> int:
    reset = limiter.limiter.get_window_stats(limit, what, whom).reset_time
    return max(1, round(reset - time.time()))
