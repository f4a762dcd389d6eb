"""Where pages' own addresses lead. Each is asked, when an owner wants to know, and what leads for
good to another address of its site is kept: two such pages may be one, or the page has moved.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urljoin

from sqlalchemy import ColumnElement, func, or_, select

from afterword.core import clock, fetch, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl
from afterword.core.fetch import Answer, Limits, Unreachable
from afterword.jobs import queue
from afterword.jobs.models import Job
from afterword.markup.scan import Tag, scan
from afterword.moderation.models import Lead, Onward
from afterword.moderation.scope import Scope, within
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import pages
from afterword.threads.models import Page

LIMITS: Final = Limits(seconds=5.0, most=1024 * 1024)
HEADERS: Final = {"Accept": "text/html, application/xhtml+xml"}
FOR_GOOD: Final = frozenset({301, 308})
MOST_STEPS: Final = 5
KIND: Final = "ask-pages"
TURN_SECONDS: Final = 5.0  # other jobs wait behind this one
PAUSE_SECONDS: Final = 0.1  # it is the owner's own server, and has readers
LOOKED_THROUGH: Final = 500  # pages that lead elsewhere
SHOWN: Final = 50
_NOT_NOW: Final = frozenset({429, *range(500, 600)})
_NOWHERE: Final = ("", Lead.NOT)


@dataclass(frozen=True)
class Led:
    """A page whose address leads elsewhere, where to, and the page that is there, if any."""

    page: Page
    url: str
    into: Page | None
    lead: Lead


@dataclass(frozen=True)
class Asking:
    """Whether pages are being asked now, and when the last of them was."""

    is_running: bool
    at: dt.datetime | None


def begin() -> None:
    """Have every page asked, by a job; nothing where one is at it already."""
    with transaction():
        if not _is_running():
            queue.add(KIND, {"since": clock.text(clock.now())})


def run(since: str) -> None:
    """Ask pages that were not asked since, for a while; a further job does the rest."""
    until = time.monotonic() + TURN_SECONDS
    for _page in ask(since=clock.parse(since)):
        if time.monotonic() > until:
            with transaction():
                queue.add(KIND, {"since": since})
            return


def ask(*, since: dt.datetime, sites: Scope = None) -> Iterator[Page]:
    """Ask the pages that were not asked since, one after the other; each as it has answered."""
    # Pages that have an id of their own have no such address.
    rows = select(Page.id).where(~Page.key.startswith(urls.OWN_ID), *within(Page.site_id, sites))
    rows = rows.outerjoin(Onward).where(or_(Onward.at.is_(None), Onward.at < since))
    for number in list(db.session.scalars(rows.order_by(Page.id))):
        page = db.session.get(Page, number)
        if page is not None:
            _ask(page)
            yield page
            time.sleep(PAUSE_SECONDS)


def state() -> Asking:
    """How the asking is."""
    return Asking(_is_running(), db.session.scalar(select(func.max(Onward.at))))


def found(*, sites: Scope = None) -> list[Led]:
    """The pages whose addresses led to others, unless they are one by now."""
    rows = select(Page, Onward).join(Onward, Onward.page_id == Page.id)
    rows = rows.where(Onward.lead != Lead.NOT, *within(Page.site_id, sites)).order_by(Page.id)
    asked = list(db.session.execute(rows.limit(LOOKED_THROUGH)))
    there = _there([(page.site_id, onward.url) for page, onward in asked])
    led = (
        Led(page, onward.url, there.get((page.site_id, onward.url)), onward.lead)
        for page, onward in asked
    )
    return list(islice((one for one in led if one.into is not one.page), SHOWN))


def _there(ways: list[tuple[int, str]]) -> dict[tuple[int, str], Page]:
    """The pages at addresses of sites, where there are some."""
    keys = {way: (way[0], directory.by_id(way[0]).page_key(way[1])) for way in ways}
    heads = pages.heads(set(keys.values()))
    rows = select(Page).where(Page.id.in_({head.id for head in heads.values()}))
    by_id = {page.id: page for page in db.session.scalars(rows)}
    return {way: by_id[heads[key].id] for way, key in keys.items() if key in heads}


def _is_running() -> bool:
    waits: ColumnElement[bool] = Job.died.is_(None)
    return db.session.scalar(select(Job.id).where(Job.kind == KIND, waits).limit(1)) is not None


def _ask(page: Page) -> None:
    number, site, url = page.id, directory.by_id(page.site_id), page.url
    db.session.commit()  # no connection of ours waits with another server
    try:
        to = _look(url, site)
    except Unreachable:
        to = None  # what was known stands
    except (BadUrl, ValueError):
        to = _NOWHERE
    with transaction():
        there = db.session.get(Page, number, populate_existing=True)
        if there is None or there.url != url:
            return
        known = db.session.get(Onward, number)
        if known is None:
            known, to = Onward(page_id=number), to or _NOWHERE
        if to is not None:
            known.url, known.lead = to
        known.at = clock.now()
        db.session.add(known)


def _look(url: str, site: KnownSite) -> tuple[str, Lead]:
    """The other address of the site to which this one leads for good, or that its page names as its
    own. Raises Unreachable, and BadUrl or ValueError for an address that is none."""
    own = site.page_key(url)
    for _step in range(MOST_STEPS):
        answer = fetch.get(url, headers=HEADERS, limits=LIMITS)
        onward = answer.said("location") if answer.status in FOR_GOOD else []
        if not onward:
            break
        url = urljoin(url, onward[0])
        if not _is_of(site, url):
            return _NOWHERE
    if answer.status in _NOT_NOW:
        raise Unreachable(f"it answered with {answer.status}")
    if not 200 <= answer.status < 300:
        return _NOWHERE
    for to, lead in ((_canonical(answer, url), Lead.CANONICAL), (url, Lead.REDIRECT)):
        if to and _is_of(site, to) and site.page_key(to) != own:
            # What is gone is often led to the front page: that says nothing.
            return _NOWHERE if urls.split(to).path == "/" else (urls.clean_url(to), lead)
    return _NOWHERE


def _canonical(answer: Answer, url: str) -> str | None:
    """The address that a page names as its own, where it is one."""
    named = _named(answer)
    try:
        return urls.clean_url(urljoin(url, named)) if named else None
    except (BadUrl, ValueError):
        return None


def _named(answer: Answer) -> str | None:
    if answer.kind not in {"text/html", "application/xhtml+xml"}:
        return None
    for tag in scan(answer.body.decode("utf-8", "replace")):
        if isinstance(tag, Tag) and tag.name == "link" and "href" in tag.said:
            if "canonical" in tag.said.get("rel", "").lower().split():
                return tag.said["href"].strip()
        elif isinstance(tag, Tag) and tag.name == "body":
            break
    return None


def _is_of(site: KnownSite, url: str) -> bool:
    return directory.allows(site, urls.origin_of(url))
