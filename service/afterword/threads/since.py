"""What readers of a page have not seen yet, who know it as of one of its versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from afterword.core.db import db
from afterword.threads import pages, rows, view
from afterword.threads.models import State
from afterword.threads.view import Json

MOST = 100  # comments that are told of one by one; after more the thread is read anew

Place = tuple[int, str]  # site id, key


@dataclass(frozen=True)
class Changed:
    """How a page is now, and what became of it since a version.

    Comments are as anyone may read them, a removed one as its tombstone; ``gone`` are ids of those
    that are not shown at all; ``versions`` are those, by id, in which each last changed, in their
    order. ``is_all`` is false where more changed than is listed.
    """

    version: int = 0
    count: int = 0
    is_all: bool = True
    new: list[Json] = field(default_factory=list)
    changed: list[Json] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)


def look(known: Iterable[tuple[Place, int]]) -> dict[tuple[Place, int], Changed]:
    """What became of these pages since these versions, of those that are not at them still."""
    asked = list(known)
    heads = pages.heads({place for place, _ in asked})
    return {
        (place, since): _changed(heads[place], since=since)
        for place, since in asked
        if place in heads and heads[place].version != since
    }


def of_page(place: Place, version: int) -> Changed:
    """What became of one page since a version; nothing when it is at that version still."""
    return look([(place, version)]).get((place, version), Changed(version))


def _changed(page: pages.Head, *, since: int) -> Changed:
    found = db.session.execute(rows.changed_of(page.id, since=since, limit=MOST + 1)).all()
    # A lower version than is known: an earlier copy of the data was put back.
    if len(found) > MOST or not page.told_from <= since <= page.version:
        return Changed(page.version, page.visible, is_all=False)
    shown = [row for row in found if row.is_shown]
    new = [row for row in shown if row.state is State.VISIBLE and row.appeared > since]
    return Changed(
        page.version,
        page.visible,
        new=[view.public(row) for row in new],
        changed=[view.public(row) for row in shown if row not in new],
        gone=[row.id for row in found if not row.is_shown],
        versions={row.id: row.version for row in found},
    )
