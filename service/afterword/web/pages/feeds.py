"""``/feeds``: what is new, for programs that read feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, i18n
from afterword.core.errors import BadUrl, NotFound, UnknownSite
from afterword.core.i18n import _
from afterword.feeds import atom, feed, json_feed
from afterword.feeds.feed import Feed
from afterword.identity import accounts
from afterword.sites import directory
from afterword.threads import pages as threads_pages
from afterword.web import ready
from afterword.web.pages import pages


@dataclass(frozen=True)
class Format:
    """How a feed is written."""

    write: Callable[[Feed], bytes]
    mimetype: str


FORMATS = {
    "atom": Format(atom.write, atom.MIMETYPE),
    "json": Format(json_feed.write, json_feed.MIMETYPE),
}


@pages.get("/feeds/page.<form>")
def show_page_feed(form: str) -> Response:
    writer = _writer(form)
    url = request.args.get("url")
    if not url:
        raise BadUrl(_("The request does not say which page it is about."))
    site = directory.of_url(url)
    i18n.speak(site.options.language)  # whoever asks: caches keep it for all
    page = request.args.get("page") or None
    key = site.page_key(url, page)
    address = _address("page", form, url=url, page=page)
    return ready.show(
        ready.threads(),
        ("feed", form, site.id, site.stamp, key, address),
        generation=directory.generation(),
        version=lambda: threads_pages.version(site.id, key),
        render=lambda: writer.write(feed.of_page(site, key, url=url, address=address)),
        mimetype=writer.mimetype,
    )


@pages.get("/feeds/site.<form>")
def show_site_feed(form: str) -> Response:
    writer = _writer(form)
    key = request.args.get("site", "")
    site = directory.by_key(key)
    if site is None:
        raise UnknownSite(_("There is no site %(key)s here.", key=repr(key)))
    i18n.speak(site.options.language)
    address = _address("site", form, site=site.key)
    return ready.show(
        ready.lists(),
        ("feed", form, site.id, site.stamp, address),
        generation=directory.generation(),
        version=ready.anything,
        render=lambda: writer.write(feed.of_site(site, address=address)),
        mimetype=writer.mimetype,
    )


@pages.get("/feeds/answers.<form>")
def show_answers_feed(form: str) -> AnyResponse:
    """Answers to one reader, at an address that only they know."""
    writer = _writer(form)
    key = request.args.get("key", "")
    account = accounts.of_feed(key)
    address = _address("answers", form, key=key)
    body = writer.write(feed.of_answers(account, address=address))
    response = Response(body, mimetype=writer.mimetype)
    response.headers["Cache-Control"] = "private, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


def _writer(form: str) -> Format:
    if form not in FORMATS:
        raise NotFound(_("There is no such feed: it is atom or json."))
    return FORMATS[form]


def _address(what: str, form: str, **query: Any) -> str:
    """The address of a feed as it is known outside, without what was asked besides."""
    return config.public_url() + url_for(f".show_{what}_feed", form=form, **query)
