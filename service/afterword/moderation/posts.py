"""Which post on the fediverse belongs to a page: its replies there are shown with the page's."""

from __future__ import annotations

from afterword.core import urls
from afterword.core.db import insist, transaction
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.moderation import audit, places
from afterword.sites import directory
from afterword.threads import counts, pages, posts
from afterword.threads.models import Page


def link(url: str, post: str, *, by: str) -> Page:
    """Have a page show the replies to a post, from now on. The page need not have comments yet.

    Raises BadUrl.
    """
    site, address = directory.of_url(url), posts.read(post).address
    key = site.page_key(url)

    def store() -> Page:
        with transaction():
            page = pages.find(site.id, key)
            page = page or pages.add(site.id, key, url=urls.clean_url(url), is_named=True)
            _set(page, address, by=by)
        return page

    return insist(store)  # somebody may write the page's first comment meanwhile


def bring(page: Page, post: str, *, by: str) -> None:
    """Link a post to a page that comes with a file. Inside a transaction. Raises BadUrl."""
    _set(page, posts.read(post).address, by=by)


def unlink(page_id: int, *, by: str) -> Page:
    """Show no replies to a page's post any more. Raises NotFound where it has none."""
    with transaction():
        page = places.by_id(page_id)
        if page.post is None:
            raise NotFound(_("No post is linked to %(url)s.", url=page.url))
        _set(page, None, by=by)
    return page


def _set(page: Page, address: str | None, *, by: str) -> None:
    verb, note = ("link", f"{page.url} to {address}") if address else ("unlink", page.url)
    audit.note(verb, by=by, note=note, site_id=page.site_id)
    page.post = address
    counts.touch(page.id)
    queue.add("fediverse", {"page_id": page.id})
