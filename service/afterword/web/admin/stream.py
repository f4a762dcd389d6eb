"""What comes into the queue while it lies open, as server-sent events."""

from __future__ import annotations

from flask import Response, request

from afterword.live.queue import QueueTopic
from afterword.web import streams
from afterword.web.admin import access, admin
from afterword.web.admin.view import asked


@admin.get("/stream")
def show_stream() -> Response:
    view = asked()
    scope = access.scope(view.site)
    sites = None if scope is None else tuple(sorted(scope))
    newest = request.args.get("newest") or None
    topic = QueueTopic(view.state.value, sites, newest)
    return streams.show(topic, since=0)
