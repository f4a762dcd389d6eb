"""Pages that may be one: of the same title, or with the same end of their addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select

from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import N_, _
from afterword.moderation import places
from afterword.moderation.models import Apart
from afterword.moderation.scope import Scope, within
from afterword.threads.models import Page

LOOKED_THROUGH = 5000  # pages, the newest
SHOWN = 50
# Shorter ends (``about``, ``index``) are those of many pages.
_LEAST = 8

SAME_TITLE = N_("They have the same title.")
SAME_END = N_("Their addresses end alike.")


@dataclass(frozen=True)
class Twins:
    """Two pages of one site and why they may be one. The one with fewer comments comes first."""

    page: Page
    into: Page
    reason: str


def find(*, sites: Scope = None) -> list[Twins]:
    """The pages that look alike, but for those of which somebody said that they are not."""
    rows = select(Page).where(*within(Page.site_id, sites)).order_by(Page.id.desc())
    every = list(db.session.scalars(rows.limit(LOOKED_THROUGH)))
    apart = {(one.page_id, one.other_id) for one in db.session.scalars(select(Apart))}
    found: dict[tuple[int, int], Twins] = {}
    for reason, alike in ((SAME_TITLE, _by_title(every)), (SAME_END, _by_end(every))):
        for one, other in alike:
            pair = (min(one.id, other.id), max(one.id, other.id))
            if pair not in apart:
                found.setdefault(pair, _twins(one, other, reason))
    return list(found.values())[:SHOWN]


def keep_apart(page_id: int, other_id: int) -> None:
    """Note that two pages are not the same. Raises NotFound, and BadRequest for one page."""
    first, second = sorted((page_id, other_id))
    if first == second:
        raise BadRequest(_("That is one page already."))
    with transaction():
        places.by_id(first), places.by_id(second)
        if db.session.get(Apart, (first, second)) is None:
            db.session.add(Apart(page_id=first, other_id=second))


def _twins(one: Page, other: Page, reason: str) -> Twins:
    # The one that more people found stays; of two alike the older.
    page, into = sorted((one, other), key=lambda page: (page.count, -page.id))
    return Twins(page, into, reason)


def _by_title(every: Iterable[Page]) -> Iterator[tuple[Page, Page]]:
    return _alike((" ".join((page.title or "").casefold().split()), page) for page in every)


def _by_end(every: Iterable[Page]) -> Iterator[tuple[Page, Page]]:
    ends = ((page.key.partition("?")[0].rpartition("/")[2].casefold(), page) for page in every)
    return _alike((end if len(end) >= _LEAST else "", page) for end, page in ends)


def _alike(named: Iterable[tuple[str, Page]]) -> Iterator[tuple[Page, Page]]:
    groups: defaultdict[tuple[int, str], list[Page]] = defaultdict(list)
    for name, page in named:
        if name:
            groups[page.site_id, name].append(page)
    for group in groups.values():
        yield from pairwise(group)
