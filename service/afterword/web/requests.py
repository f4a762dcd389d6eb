"""What is known of a request when it was answered: its id, its route, how long it took.

Counted and logged are rules and no paths, which hold what readers ask for and secrets of links.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from flask import Flask, Response, request, request_finished, request_started

from afterword.core import config, log, metrics
from afterword.core.metrics import Metrics
from afterword.web.ready import ReadyResponse

ARRIVED = "afterword.arrived"  # in the scope of ASGI and in the environment of WSGI
OTHER = "other"  # what no rule is for

_log = logging.getLogger("afterword.requests")


def start(app: Flask) -> None:
    """Name every request of this application; count and log them where its settings say so."""
    app.after_request(_name)
    settings: config.Settings = app.extensions["afterword.settings"]
    # Signals and no hooks: an answer that is ready passes no hook, and without these nothing.
    if app.extensions["afterword.metrics"] or settings.log_requests:
        request_started.connect(_note_arrival, app)
        request_finished.connect(_count, app)


def arrived(scope: MutableMapping[str, Any]) -> None:
    """Note in a scope of ASGI that its request is here: it may wait for a thread."""
    scope[ARRIVED] = time.perf_counter()


def name_of(scope: Mapping[str, Any], *, trusted: Sequence[config.Network]) -> str:
    """The name of a request that Flask does not see."""
    said = [value for name, value in scope["headers"] if name == b"x-request-id"]
    peer, _ = scope.get("client") or ("", 0)
    return log.named(b",".join(said).decode("latin-1"), peer=peer, trusted=trusted)


def route_of(app: Flask, path: str) -> str:
    """The rule that a path falls under."""
    rule, _ = app.url_map.bind("").match(path, return_rule=True)
    return rule.rule


def line(method: str, route: str, status: int, *, seconds: float, name: str) -> None:
    """Log an answer to the request of this name."""
    took = round(seconds * 1000, 1)
    more = {"method": method, "route": route, "status": status, "milliseconds": took}
    more["request"] = name
    _log.info("answered", extra={"more": more})


def _name(response: Response) -> Response:
    """The answer with the request's id, for whoever asks us what went wrong.

    Not the answers that are kept: they were made for somebody else's request.
    """
    if not isinstance(response, ReadyResponse):
        response.headers["X-Request-ID"] = log.request_id()
    return response


def _note_arrival(_app: Flask, **_more: Any) -> None:
    scope = request.environ.get("asgi.scope", {})
    request.environ[ARRIVED] = scope.get(ARRIVED, time.perf_counter())


def _count(_app: Flask, response: Response, **_more: Any) -> None:
    seconds = time.perf_counter() - request.environ[ARRIVED]
    route = request.url_rule.rule if request.url_rule else OTHER
    counted: Metrics | None = metrics.current()
    if counted is not None:
        counted.answered(request.method, route, response.status_code, seconds=seconds)
    if config.current().log_requests:
        name = log.request_id()
        line(request.method, route, response.status_code, seconds=seconds, name=name)
