"""Reading: threads, the rest of their replies, an author's own comments."""

from __future__ import annotations

import json

from flask import Response, request

from afterword.core import ids
from afterword.core.errors import BadUrl, NotFound
from afterword.identity import authors
from afterword.sites import directory
from afterword.threads import pages, read, slices
from afterword.threads.cache import Version
from afterword.web import ready
from afterword.web.api import api, body


@api.get("/thread")
def show_thread() -> Response:
    url = required_url()
    site = directory.of_url(url)
    key = site.page_key(url, request.args.get("page"))
    asked = _slice()

    def version() -> Version | None:
        page = pages.version(site.id, key)
        return (*page, site.version) if page else None

    def render() -> bytes:
        thread = read.thread(site, key, url=url, slice=asked).as_json()
        return json.dumps(thread, ensure_ascii=False, separators=(",", ":")).encode()

    found = ready.threads().get_or_render(
        ("json", site.id, site.version, key, asked),
        version=version,
        render=render,
        encoding=ready.encoding(),
    )
    return ready.answer(found, mimetype="application/json")


@api.get("/comments/<comment_id>/replies")
def show_replies(comment_id: str) -> Response:
    if not ids.is_id(comment_id):
        raise NotFound("There is no such comment.")
    asked = _slice()
    return body.write(read.replies(comment_id, after=asked.after, limit=asked.limit))


@api.get("/me/comments")
def show_own_comments() -> Response:
    url = required_url()
    site = directory.of_url(url)
    token = authors.secret(request.headers.get("Authorization"))
    author = authors.find(token, site_id=site.id)
    if author is None:
        return body.write({"comments": []})
    key = site.page_key(url, request.args.get("page"))
    return body.write({"comments": read.own(site, key, author_id=author.id)})


def required_url() -> str:
    """The page that a request is about. Raises BadUrl when it says none."""
    url = request.args.get("url")
    if not url:
        raise BadUrl("The request does not say which page it is about.")
    return url


def _slice() -> slices.Slice:
    asked = request.args
    return slices.read(
        sort=asked.get("sort"),
        after=asked.get("after"),
        around=asked.get("around"),
        limit=asked.get("limit"),
    )
