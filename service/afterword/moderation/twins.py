"""Pages that may be one: where one's address leads to the other, of one title, or ending alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from sqlalchemy import select

from afterword.core import urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import N_, _
from afterword.moderation import audit, places
from afterword.moderation.models import Apart, Lead
from afterword.moderation.onward import Led
from afterword.moderation.scope import Scope, within
from afterword.threads.models import Page

LOOKED_THROUGH = 5000  # pages, the newest
SHOWN = 50
# Shorter ends (``about``, ``index``) are those of many pages.
_LEAST = 8

SAME_TITLE = N_("They have the same title.")
SAME_END = N_("Their addresses end alike.")
LED = {
    Lead.REDIRECT: N_("The address of the first leads to the second."),
    Lead.CANONICAL: N_("The first names the address of the second as its own."),
}


@dataclass(frozen=True)
class Twins:
    """Two pages of one site and why they may be one. The one that would go comes first: that which
    leads to the other, else the one with fewer comments."""

    page: Page
    into: Page
    reason: str

    @property
    def name(self) -> str:
        """By what ``places.find`` finds the one that would stay."""
        return self.into.key if urls.own_id(self.into.key) else self.into.url


def find(led: Iterable[Led], *, sites: Scope = None) -> list[Twins]:
    """The pages that look alike, or of which one led to the other (``onward.found``), but for those
    of which somebody said that they are not."""
    rows = select(Page).where(*within(Page.site_id, sites)).order_by(Page.id.desc())
    every = list(db.session.scalars(rows.limit(LOOKED_THROUGH)))
    apart = {(one.page_id, one.other_id) for one in db.session.scalars(select(Apart))}
    found: dict[tuple[int, int], Twins] = {}
    for twins in chain(_led(led), _alike(every)):
        pair = (min(twins.page.id, twins.into.id), max(twins.page.id, twins.into.id))
        if pair not in apart:
            found.setdefault(pair, twins)
    return list(found.values())[:SHOWN]


def keep_apart(page_id: int, other_id: int, *, by: str) -> None:
    """Note that two pages are not the same. Raises NotFound, and BadRequest for one page."""
    first, second = sorted((page_id, other_id))
    if first == second:
        raise BadRequest(_("That is one page already."))
    with transaction():
        one, two = places.by_id(page_id), places.by_id(other_id)
        if db.session.get(Apart, (first, second)) is None:
            db.session.add(Apart(page_id=first, other_id=second))
            audit.note("apart", by=by, note=f"{one.url} and {two.url}", site_id=one.site_id)


def _led(led: Iterable[Led]) -> Iterator[Twins]:
    for one in led:
        if one.into is not None:
            yield Twins(one.page, one.into, LED[one.lead])


def _alike(every: Iterable[Page]) -> Iterator[Twins]:
    for reason, alike in ((SAME_TITLE, _by_title(every)), (SAME_END, _by_end(every))):
        for one, other in alike:
            yield _twins(one, other, reason)


def _twins(one: Page, other: Page, reason: str) -> Twins:
    # The one that more people found stays; of two alike the older.
    page, into = sorted((one, other), key=lambda page: (page.count, -page.id))
    return Twins(page, into, reason)


def _by_title(every: Iterable[Page]) -> Iterator[tuple[Page, Page]]:
    return _named((" ".join((page.title or "").casefold().split()), page) for page in every)


def _by_end(every: Iterable[Page]) -> Iterator[tuple[Page, Page]]:
    ends = ((page.key.partition("?")[0].rpartition("/")[2].casefold(), page) for page in every)
    return _named((end if len(end) >= _LEAST else "", page) for end, page in ends)


def _named(named: Iterable[tuple[str, Page]]) -> Iterator[tuple[Page, Page]]:
    groups: defaultdict[tuple[int, str], list[Page]] = defaultdict(list)
    for name, page in named:
        if name:
            groups[page.site_id, name].append(page)
    for group in groups.values():
        yield from pairwise(group)
