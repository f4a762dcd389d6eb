"""Reading: threads, the rest of their replies, an author's own comments."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from flask import Response, request

from afterword.core import ids
from afterword.core.errors import BadUrl, NotFound, UnknownSite
from afterword.identity import authors
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import pages, read, slices
from afterword.threads.cache import Version
from afterword.threads.slices import Slice
from afterword.web import ready
from afterword.web.api import api, body


@dataclass(frozen=True)
class _Asked:
    """Which thread a reader asks for. Two spellings of one page's address share a variant."""

    site: KnownSite
    key: str
    url: str  # that an empty page has: nobody's own spelling, for the answer is kept for all
    slice: Slice

    @property
    def variant(self) -> Hashable:
        return ("json", self.site.id, self.site.stamp, self.key, self.slice)

    def version(self) -> Version | None:
        return pages.version(self.site.id, self.key)

    def render(self) -> bytes:
        thread = read.thread(self.site, self.key, url=self.url, slice=self.slice)
        return body.packed(thread.as_json())


@api.get("/thread")
def show_thread() -> Response:
    generation = directory.generation()
    asked = _asked(request.query_string, generation)
    return ready.show(
        ready.threads(),
        asked.variant,
        generation=generation,
        version=asked.version,
        render=asked.render,
        mimetype="application/json",
        is_shared=asked.slice.is_first,
    )


@lru_cache(maxsize=1024)
def _asked(_query: bytes, _generation: int) -> _Asked:
    """The request read, once for the many who ask the same while no site changes."""
    url = required_url()
    site = directory.of_url(url)
    key = site.page_key(url, request.args.get("page"))
    return _Asked(site, key, site.page_url(url), _slice())


@api.get("/comments/<comment_id>/replies")
def show_replies(comment_id: str) -> Response:
    if not ids.is_id(comment_id):
        raise NotFound("There is no such comment.")
    asked = _slice()
    return ready.show(
        ready.threads(),
        ("replies", comment_id, asked.after, asked.limit),
        generation=None,
        version=lambda: pages.version_around(comment_id),
        render=lambda: body.packed(read.replies(comment_id, after=asked.after, limit=asked.limit)),
        mimetype="application/json",
        is_shared=asked.is_first,
    )


@api.get("/latest")
def show_latest() -> Response:
    key = request.args.get("site", "")
    generation = directory.generation()  # first: what is newer than it is found out of date at once
    site = directory.by_key(key)
    if site is None:
        raise UnknownSite(f"There is no site {key!r} here.")
    limit = _slice().limit
    return ready.show(
        ready.lists(),
        ("latest", site.id, limit),
        generation=generation,
        version=ready.anything,
        render=lambda: body.packed({"comments": read.latest(site, limit=limit)}),
        mimetype="application/json",
    )


@api.get("/me/comments")
def show_own_comments() -> Response:
    url = required_url()
    site = directory.of_url(url)
    token = authors.secret(request.headers.get("Authorization"))
    author = authors.find(token, site_id=site.id)
    key = site.page_key(url, request.args.get("page"))
    return body.write(read.own(site, key, author=author))


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
        since=asked.get("since"),
    )
