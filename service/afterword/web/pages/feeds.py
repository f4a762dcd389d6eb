"""``/feeds``: what is new, for programs that read feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import i18n
from afterword.core.errors import BadUrl, NotFound, UnknownSite
from afterword.core.i18n import _
from afterword.feeds import atom, feed, json_feed
from afterword.feeds.feed import Feed
from afterword.identity import accounts
from afterword.sites import directory
from afterword.sites.directory import KnownSite
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
    generation = directory.generation()
    site = directory.of_url(url)
    i18n.speak(site.options.language)  # whoever asks: caches keep it for all
    page = request.args.get("page") or None
    key, url = site.page_key(url, page), site.page_link(url, page)
    known = threads_pages.find(site.id, key)
    asked = feed.address("page", form, url=url, page=page)
    address = feed.page_address(known, form) if known else asked
    name = feed.page_id(site, key, form, url=url, page=known)
    return ready.show(
        ready.threads(),
        ("feed", form, site.id, site.stamp, key, address),
        generation=generation,
        version=lambda: threads_pages.version(site.id, key),
        render=lambda: writer.write(feed.of_page(site, key, url=url, address=address, id=name)),
        mimetype=writer.mimetype,
        headers=_headers(address, site),
    )


@pages.get("/feeds/site.<form>")
def show_site_feed(form: str) -> Response:
    writer = _writer(form)
    key = request.args.get("site", "")
    generation = directory.generation()
    site = directory.by_key(key)
    if site is None:
        raise UnknownSite(_("There is no site %(key)s here.", key=repr(key)))
    i18n.speak(site.options.language)
    address = feed.site_address(site, form)
    return ready.show(
        ready.lists(),
        ("feed", form, site.id, site.stamp, address),
        generation=generation,
        version=ready.anything,
        render=lambda: writer.write(feed.of_site(site, address=address)),
        mimetype=writer.mimetype,
        headers=_headers(address, site),
    )


@pages.get("/feeds/answers.<form>")
def show_answers_feed(form: str) -> AnyResponse:
    """Answers to one reader, at an address that only they know."""
    writer = _writer(form)
    key = request.args.get("key", "")
    account = accounts.of_feed(key)
    address = feed.address("answers", form, key=key)
    body = writer.write(feed.of_answers(account, address=address))
    response = Response(body, mimetype=writer.mimetype)
    response.headers["Cache-Control"] = "private, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


def _writer(form: str) -> Format:
    if form not in FORMATS:
        raise NotFound(_("There is no such feed: it is atom or json."))
    return FORMATS[form]


def _headers(address: str, site: KnownSite) -> dict[str, str]:
    """Which hub tells of what is new in a feed, and under which address (WebSub, 4).

    A hub that was told comes at once: it must not find what a cache kept.
    """
    hub = site.options.websub_hub
    if not hub:
        return {"Cache-Control": ready.shared_caching()}
    said = f'<{hub}>; rel="hub", <{address}>; rel="self"'
    return {"Cache-Control": "public, no-cache", "Link": said}
