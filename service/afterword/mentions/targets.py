"""Which page of ours, and which comment, an address that somebody mentions is about."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from afterword.core import config, ids, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl, UnknownSite
from afterword.core.i18n import _
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import pages
from afterword.threads.models import Comment, Page


@dataclass(frozen=True)
class Target:
    """A page of a site, and the comment on it where one is mentioned."""

    site: KnownSite
    url: str
    key: str
    comment: Comment | None = None

    @property
    def page(self) -> Page | None:
        """The page, where it has comments.

        Many a page is known by an id alone (``data-page``) that nobody elsewhere can tell: it is
        found by its address where that is the address of no other.
        """
        return pages.find(self.site.id, self.key) or _by_address(self)


def read(target: str) -> Target:
    """What an address is about. Raises BadUrl where it is no page of a site that takes mentions.

    A page of the blog, or ours that shows its thread or leads to one comment.
    """
    parts = urls.split(target)
    page_id, comment = None, None
    if parts.origin == urls.origin_of(config.public_url()):
        prefix, _slash, last = parts.path.rpartition("/")
        comment = db.session.get(Comment, last) if prefix == "/c" and ids.is_id(last) else None
        if comment is not None:
            target, page_id = comment.page.url, urls.own_id(comment.page.key)
        elif parts.path == "/thread":
            asked = parse_qs(parts.query)
            target, page_id = (next(iter(asked.get(name, [])), "") for name in ("url", "page"))
    try:
        site = directory.of_url(target)
    except UnknownSite:
        raise _not_ours() from None
    if not site.options.webmentions:
        raise _not_ours()
    return Target(site, target, site.page_key(target, page_id), comment)


def keys(page: Page, *, site: KnownSite) -> set[str]:
    """The keys of all addresses that are a page's."""
    own = {site.page_key(page.url)} if urls.own_id(page.key) else set()
    return pages.keys(page) | own


def _by_address(target: Target) -> Page | None:
    if urls.own_id(target.key) is not None:
        return None
    site, found = target.site, pages.with_ids(target.site.id, at=target.key.partition("?")[0])
    there = [one.id for one in found if site.page_key(one.url) == target.key]
    is_only = len(there) == 1 and len(found) < pages.MOST_THERE
    return db.session.get(Page, there[0]) if is_only else None


def _not_ours() -> BadUrl:
    return BadUrl(_("No page of ours that takes mentions is at this address."), field="target")
