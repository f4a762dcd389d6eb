"""What happens on a page while somebody reads it, as server-sent events."""

from __future__ import annotations

from flask import Response, request

from afterword.live.thread import ThreadTopic
from afterword.sites import directory
from afterword.threads import pages
from afterword.web import streams
from afterword.web.api import api
from afterword.web.api.threads import required_url


@api.get("/stream")
def show_stream() -> Response:
    url = required_url()
    site = directory.of_url(url)
    place = (site.id, site.page_key(url, request.args.get("page")))
    since = streams.last_event()
    if since is None:
        page = pages.heads({place}).get(place)
        since = page.version if page else 0
    return streams.show(ThreadTopic(*place), since=since)
