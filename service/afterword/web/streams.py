"""Answers that go on: what happened until now, and a word to the front on what to tell next.

Where there is no front (another WSGI server) such an answer ends at once, and the browser asks
again after a while with the id of the last event: it is told the same, only later.
"""

from __future__ import annotations

from flask import Response, current_app, request

from afterword.core import ids, limits, signing
from afterword.core.errors import RateLimited
from afterword.live import sse
from afterword.live.hub import Hub
from afterword.live.topics import Followed, Topic

PATHS = frozenset({"/api/v1/stream", "/admin/stream"})
HEADER = "Afterword-Follow"  # the front takes it off


def show(topic: Topic, *, since: int) -> Response:
    """The events of a topic since a mark, to be gone on with. Raises RateLimited."""
    client = signing.digest(limits.client_network())
    hub: Hub | None = current_app.extensions.get("afterword.hub")
    if hub is not None and not hub.has_room(client):
        raise RateLimited("Too many pages are told of news at once.", retry_after=60)
    news = type(topic).look([(topic, since)]).get((topic, since))
    response = Response(sse.retry() + (news.events if news else b""), mimetype=sse.MIMETYPE)
    # For nginx, which would gather events before it hands them on.
    response.headers["X-Accel-Buffering"] = "no"
    if hub is not None and request.method == "GET":
        followed = Followed(topic, news.mark if news else since, client)
        response.headers[HEADER] = followed.spelled()
    return response


def last_event() -> int | None:
    """The id of the last event that this browser was given."""
    said = request.headers.get("Last-Event-ID", "") or request.args.get("since", "")
    return ids.number(said)
