"""The counters, for those who hold the token that the owner made."""

from __future__ import annotations

import hmac

from flask import Response, current_app, request

from afterword.core import config, metrics
from afterword.core.errors import NotFound
from afterword.operate.figures import Stored
from afterword.web.pages import pages

MIMETYPE = "text/plain; version=0.0.4; charset=utf-8"


@pages.get("/metrics")
def show_metrics() -> Response:
    counted = metrics.current()
    if counted is None or not _may_read():
        raise NotFound("There is nothing at this address.")
    stored = current_app.extensions.setdefault("afterword.stored", Stored(config.current()))
    return Response(counted.text(stored), content_type=MIMETYPE)


def _may_read() -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    known = config.current().metrics_token
    return kind.lower() == "bearer" and hmac.compare_digest(token.encode(), known.encode())
