"""What a feed holds, whatever it is written in: the newest comments, as anyone reads them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from markupsafe import escape

from afterword.core import clock, config, urls
from afterword.core.i18n import _
from afterword.identity import accounts
from afterword.identity.models import Account
from afterword.moderation import audit
from afterword.sites.directory import KnownSite
from afterword.threads import pages, read
from afterword.threads.models import Page
from afterword.threads.view import Json

MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A list of comments, each with its page's ``url`` and ``title``, the newest first.

    And with ``updated``, when it was changed last: also when that only put back what it said.
    """

    title: str
    home: str  # the page or the site that it is about
    address: str  # of the feed itself
    id: str  # which never changes (RFC 4287, 4.2.6)
    comments: list[Json]
    hub: str = ""  # that tells of what is new in it (WebSub)

    @property
    def updated(self) -> str:
        """When anything in it changed last, RFC 3339. A feed without comments never did."""
        moments = [comment["updated"] for comment in self.comments]
        return max(moments, default="1970-01-01T00:00:00.000Z")


def of_site(site: KnownSite, *, address: str) -> Feed:
    """The newest comments of a site."""
    return Feed(
        title=_("Comments on %(title)s", title=site.name),
        home=site.origins[0] if site.origins else config.public_url(),
        address=address,
        id=address,
        comments=_dated(read.latest(site, limit=MOST)),
        hub=site.options.websub_hub,
    )


def of_page(site: KnownSite, key: str, *, url: str, address: str, id: str) -> Feed:
    """The newest comments on a page. One that nobody commented on yet has an empty feed."""
    page = pages.find(site.id, key)
    title = (page.shown_title or page.url) if page else url
    return Feed(
        title=_("Comments on %(title)s", title=title),
        home=page.url if page else url,
        address=address,
        id=id,
        comments=_dated(read.latest(site, page_id=page.id, limit=MOST)) if page else [],
        hub=site.options.websub_hub,
    )


def of_answers(account: Account, *, address: str) -> Feed:
    """The newest answers to what somebody wrote, signed in or with an address of theirs."""
    return Feed(
        title=_("Answers to your comments"),
        home=f"{config.public_url()}/me",
        address=address,
        id=address,
        comments=_dated(
            read.answers(accounts.emails(account), accounts.author_ids(account.id), limit=MOST)
        ),
    )


def address(what: str, form: str, **query: str | None) -> str:
    """The address of a feed as it is known outside."""
    said = urlencode({name: value for name, value in query.items() if value})
    return f"{config.public_url()}/feeds/{what}.{form}?{said}"


def page_address(page: Page, form: str) -> str:
    """The one address of the feed of a page, by whatever else it may be reached."""
    named = urls.own_id(page.key)
    return address("page", form, url=page.url, page=named)


def page_id(site: KnownSite, key: str, form: str, *, url: str, page: Page | None) -> str:
    """What the feed of a page is called: before its first comment as after it, by whichever address
    it is reached, and where the page moves."""
    key, url = (page.key, page.url) if page is not None else (key, url)
    named = urls.own_id(key)
    if page is not None and page.feed_url is not None:
        return address("page", form, url=page.feed_url, page=named)
    if named is not None:
        return address("page", form, site=site.key, page=named)
    return address("page", form, url=site.page_url(url))


def site_address(site: KnownSite, form: str) -> str:
    """The address of the feed of a site."""
    return address("site", form, site=site.key)


def link(comment: Json) -> str:
    """Where a comment is read: on its page."""
    return f"{comment['page']['url']}#comment-{comment['id']}"


def permalink(comment_id: str) -> str:
    """What names a comment for good, also when its page moves."""
    return f"{config.public_url()}/c/{comment_id}"


def heading(comment: Json) -> str:
    """What a reader of feeds shows above a comment."""
    return _(
        "%(name)s on %(title)s",
        name=comment["author"]["name"] or _("Anonymous"),
        title=comment["page"]["title"] or comment["page"]["url"],
    )


def content(comment: Json) -> str:
    """Its HTML, below the words of the page that it is about, where it quotes some."""
    quote, html = comment["quote"], str(comment["html"])
    return f"<blockquote>{escape(quote)}</blockquote>\n{html}" if quote else html


def _dated(comments: list[Json]) -> list[Json]:
    edited = audit.edited(comment["id"] for comment in comments)
    return [
        {**one, "updated": max(one["edited"] or one["created"], _text(edited.get(one["id"])))}
        for one in comments
    ]


def _text(moment: dt.datetime | None) -> str:
    return clock.text(moment) if moment is not None else ""
