"""What an owner does to pages: list, find, close and open, move to another address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, false, or_, select

from afterword.core import clock, urls
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.core.i18n import _
from afterword.markup import plain
from afterword.moderation import audit
from afterword.moderation.models import Act, Onward
from afterword.moderation.scope import Scope, within
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import counts, pages, turns
from afterword.threads.models import Page, PageAlias

SHOWN = 50


@dataclass(frozen=True)
class Found:
    """Pages with the keys that they had before and the address from which they moved last, by their
    numbers; where the next page begins."""

    pages: list[Page]
    aliases: dict[int, list[str]]
    moved: dict[int, str]
    next: int | None


class Older(NamedTuple):
    """A key that leads to a page from an earlier address.

    ``url`` is that address; None where the key came with another page, which was merged into this
    one. Of several such keys of a page the one with the highest ``id`` was given up last.
    """

    id: int
    key: str
    url: str | None


class Way(NamedTuple):
    """A page's move: the key that the page leaves, which leads to it from now on.

    Where the new address led to the page already, ``older`` is the key that stood for that address
    and went, to make room.
    """

    left: PageAlias
    older: Older | None


def every(site_id: int | None = None) -> list[Page]:
    """All pages, of one site when it is said, by key."""
    rows = select(Page).order_by(Page.site_id, Page.key)
    if site_id is not None:
        rows = rows.where(Page.site_id == site_id)
    return list(db.session.scalars(rows))


def search(
    words: str = "", *, sites: Scope = None, after: int | None = None, limit: int = SHOWN
) -> Found:
    """A page of the pages whose title or address has these words, the newest first.

    Looked through by number from the newest on: a blog has thousands of pages, not millions.
    """
    rows = select(Page).order_by(Page.id.desc())
    rows = rows.where(Page.id < after) if after is not None else rows.where(Page.id > 0)
    rows = rows.where(*within(Page.site_id, sites))
    if words:
        wanted = (column.icontains(words, autoescape=True) for column in (Page.title, Page.url))
        rows = rows.where(or_(*wanted))
    found = list(db.session.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    aliases = _aliases(shown)
    keys = {number: [one.key for one in some] for number, some in aliases.items()}
    moved = {one.page_id: one.url for some in aliases.values() for one in some if one.url}
    return Found(shown, keys, moved, shown[-1].id if len(found) > limit else None)


def set_open(url: str, *, site: KnownSite | None = None, is_open: bool, by: str) -> Page:
    """Close or open the page of an address to new comments, also where nobody has written yet.

    Where pages close by their age, one that is opened stays open as long once more. Raises as
    ``find`` does; NotFound for an id that no page has.
    """
    with transaction():
        page = _found_or_begun(url, site)
        _set_open(page, is_open=is_open, by=by)
    return page


def set_open_by_id(page_id: int, *, is_open: bool, by: str) -> Page:
    """The same for a page of this number, which also one without an address of its own has."""
    with transaction():
        page = held(by_id(page_id))
        _set_open(page, is_open=is_open, by=by)
    return page


def call(url: str, title: str, *, site: KnownSite | None = None, by: str) -> Page:
    """Let a page be called so; empty, as the next comment with a title says.

    Raises as ``find`` does.
    """
    shown = plain.title(title)
    with transaction():
        page = held(find(url, site=site))
        note = f"{page.url}: {shown}" if shown else page.url
        audit.note("call", by=by, note=note, site_id=page.site_id)
        page.title, page.is_named = shown, bool(shown)
        counts.touch(page.id)
    return page


def take_back(act: Act, *, by: str) -> bool:
    """Have a page open or closed as before an act. Inside a transaction."""
    page = db.session.get(Page, int((act.subject or "").partition(":")[2]))
    if page is None or act.before is None:
        return False
    page = held(page)
    audit.note("undo", by=by, note=page.url, site_id=page.site_id).subject = act.subject
    reopened = act.before["reopened"]
    page.is_open = act.before["is_open"]
    page.reopened = clock.parse(reopened) if reopened else None
    counts.touch(page.id)
    return True


def by_id(page_id: int) -> Page:
    """The page of this number. Raises NotFound."""
    page = db.session.get(Page, page_id, populate_existing=True)
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def held(page: Page) -> Page:
    """The same as it stands now; it is not merged with another before the transaction ends.

    Raises NotFound where it was just now.
    """
    turns.pages([page.id], are_shut=True)
    return by_id(page.id)


def find(url: str, *, site: KnownSite | None = None) -> Page:
    """The page at an address, which may be an older one of it; or of an id of its own (``id:...``)
    where the site is named. Raises BadUrl, UnknownSite, NotFound."""
    page = pages.find(*_asked(url, site))
    if page is None:
        raise _unknown(url)
    return page


def below(begins: str) -> list[tuple[Page, str]]:
    """The pages whose addresses begin so, each with what follows there. Raises NotFound for none.

    Pages that have an id of their own have no such place.
    """
    site = directory.of_url(begins)
    parts = urls.split(begins)
    head = parts.place + parts.path
    rows = select(Page).where(Page.site_id == site.id, Page.key.startswith(head, autoescape=True))
    # What begins with a query is one address: left out, it would be the whole site.
    if "?" in begins:
        rows = rows.where(false())
    found = [(page, _rest(page, head)) for page in db.session.scalars(rows.order_by(Page.key))]
    if not found:
        raise NotFound(
            _("Nobody has commented on a page whose address begins with %(begins)s.", begins=begins)
        )
    return found


def check(old: str, new: str) -> Page:
    """The page whose thread could follow from an old address to a new one.

    Raises NotFound when nothing is at the old address, Conflict when there are comments at the new.
    """
    return _way(old, new)[0]


def relocate(old: str, new: str) -> Way | None:
    """Give a thread its page's new address. Inside a transaction. Raises what ``check`` does.

    None where it was there already.
    """
    page, key = _way(old, new)
    page = held(page)
    if page.key == key:
        return None
    left = PageAlias(site_id=page.site_id, page_id=page.id, key=page.key, url=page.url)
    db.session.add(left)
    # Before the other goes, whose number is then no other's as long as it may come back.
    db.session.flush()
    at_new = (PageAlias.site_id == page.site_id, PageAlias.key == key)
    there = db.session.scalar(select(PageAlias).where(*at_new))
    older = Older(there.id, there.key, there.url) if there is not None else None
    if there is not None:
        db.session.delete(there)
    _place(page, key, urls.clean_url(new))
    return Way(left, older)


def came_from(page: Page) -> PageAlias | None:
    """Where a page was before it moved last; None where it did not, or has moved back."""
    moved = select(PageAlias).where(PageAlias.page_id == page.id, PageAlias.url.is_not(None))
    return db.session.scalar(moved.order_by(PageAlias.id.desc()).limit(1))


def return_to_place(page: Page, *, older: Older | None) -> str:
    """Take the last move of a page back, for which an ``older`` key of it had made room or none.
    Inside a transaction. Answers the address that it leaves.

    Raises NotFound where it did not move.
    """
    before = came_from(page)
    if before is None or before.url is None:
        raise NotFound(_("The page %(url)s has not moved.", url=page.url))
    left = page.url
    db.session.delete(before)
    _place(page, before.key, before.url)
    if older is not None:
        db.session.add(PageAlias(site_id=page.site_id, page_id=page.id, **older._asdict()))
        db.session.flush()
    return left


def _found_or_begun(url: str, site: KnownSite | None) -> Page:
    place = _asked(url, site)
    page = pages.find(*place)
    if page is not None:
        return held(page)
    if url.startswith(urls.OWN_ID):
        raise _unknown(url)
    return pages.add(*place, url=urls.clean_url(url), is_named=True)


def _asked(url: str, site: KnownSite | None) -> tuple[int, str]:
    """The number of the site and the key of the page that is meant."""
    own_id = urls.own_id(url)
    if site is not None and own_id is not None:
        return site.id, urls.page_id_key(own_id)
    found = directory.of_url(url)
    if site is not None and site.id != found.id:
        raise NotFound(_("%(new)s belongs to another site.", new=url))
    return found.id, found.page_key(url)


def _unknown(url: str) -> NotFound:
    return NotFound(_("Nobody has commented on %(url)s yet.", url=url))


def _rest(page: Page, head: str) -> str:
    """What follows in a page's address, whose slash at the end its key has not; else in its key."""
    parts = urls.split(page.url)
    written = parts.place + parts.url.removeprefix(parts.origin)
    return (written if written.startswith(head) else page.key).removeprefix(head)


def _place(page: Page, key: str, url: str) -> None:
    """Give a page another address, and forget where the earlier address was found to lead.

    Its feed goes on to be called by the first one: who follows it would else get all of it anew.
    """
    page.feed_url = page.feed_url or directory.by_id(page.site_id).page_url(page.url)
    page.key, page.url = key, url
    db.session.execute(delete(Onward).where(Onward.page_id == page.id))
    db.session.flush()
    counts.touch(page.id)


def _way(old: str, new: str) -> tuple[Page, str]:
    """The page at an old address and the key of the new one."""
    site = directory.of_url(new)
    key = site.page_key(new)
    page = find(old)
    if page.site_id != site.id:
        raise Conflict(_("%(new)s belongs to another site.", new=new))
    there = pages.find(site.id, key)
    if there is not None and there.id != page.id:
        raise Conflict(_("%(new)s has a thread of its own already.", new=new))
    return page, key


def _set_open(page: Page, *, is_open: bool, by: str) -> None:
    act = audit.note("open" if is_open else "close", by=by, note=page.url, site_id=page.site_id)
    act.subject, act.before = f"page:{page.id}", _openness(page)
    page.is_open = is_open
    page.reopened = clock.now() if is_open else page.reopened
    counts.touch(page.id)


def _openness(page: Page) -> dict[str, Any]:
    reopened = clock.text(page.reopened) if page.reopened else None
    return {"is_open": page.is_open, "reopened": reopened}


def _aliases(found: list[Page]) -> dict[int, list[PageAlias]]:
    rows = select(PageAlias).where(PageAlias.page_id.in_([page.id for page in found]))
    aliases: dict[int, list[PageAlias]] = {}
    for alias in db.session.scalars(rows.order_by(PageAlias.id)):
        aliases.setdefault(alias.page_id, []).append(alias)
    return aliases
