"""A table of moves: the old address of a page, a comma, the new one on each line. All or none.

An old address that ends in ``*`` stands for all pages whose addresses begin so; what follows goes
behind the new one. Whatever a table moves is one act of the log, and is taken back as one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import or_, select

from afterword.core import ids
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import audit, places
from afterword.moderation.models import Act
from afterword.moderation.places import Older
from afterword.sites import directory
from afterword.threads import turns
from afterword.threads.models import Page

SUBJECT: Final = "move"
_VERBS: Final = ("move", "move pages")


@dataclass(frozen=True)
class Move:
    """One page's way, and how many visible comments it takes along."""

    old: str
    new: str
    count: int


@dataclass(frozen=True)
class Plan:
    """Moves of which each was tried alone, and the lines that say them, as they were written."""

    moves: Sequence[Move]
    lines: Sequence[str]


class WrongMoves(Exception):
    """A table of which nothing was done; ``lines`` says what is wrong with which."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(_("Nothing was moved."))
        self.lines = lines


def one(old: str, new: str) -> Plan:
    """The move of a single page. Raises NotFound, or Conflict, where it cannot be."""
    return Plan([Move(old, new, places.check(old, new).count)], [_said(old, new)])


def table(lines: Iterable[str]) -> Plan:
    """The moves that a table says. Raises WrongMoves when a line cannot be followed."""
    rows = [(number, row) for number, row in _rows(lines) if any(row)]
    said = [_said(*(cell.strip() for cell in row)) for _number, row in rows if len(row) == 2]
    return Plan(_tried(rows), said)


def follow(plan: Plan, *, by: str) -> Act | None:
    """Move threads as planned, all or none; answers the act. None where all are there already."""
    with transaction():
        ways = [places.relocate(move.old, move.new) for move in plan.moves]
        gone = [way for way in ways if way is not None]
        if not gone:
            return None
        left = [[way.left.page_id, way.left.key, way.left.id, way.older] for way in gone]
        sites = {way.left.site_id for way in gone}
        many = len(left) > 1
        act = audit.note(
            _VERBS[many],
            by=by,
            note=(f"{len(left)} pages: " if many else "") + "; ".join(plan.lines),
            site_id=sites.pop() if len(sites) == 1 else None,
        )
        act.subject, act.before = f"{SUBJECT}:{ids.new()}", {"left": left}
        db.session.flush()
    return act


def act(number: int) -> Act:
    """The act of moving pages that has this number in the log. Raises NotFound."""
    found = db.session.get(Act, number)
    if found is None or not (found.subject or "").startswith(f"{SUBJECT}:") or not found.before:
        raise NotFound(_("Act %(number)s of the log is no move.", number=number))
    return found


def take_back(act: Act, *, by: str) -> bool:
    """Have the pages that an act moved where they were; those that have moved since stay.

    Inside a transaction. Answers whether there was one.
    """
    back = []
    left = (act.before or {}).get("left", ())
    turns.pages([number for number, *_ in left], are_shut=True)
    for number, key, *more in left:
        page = db.session.get(Page, number, populate_existing=True)
        before = places.came_from(page) if page is not None else None
        if page is not None and before is not None and before.key == key:
            back.append(places.return_to_place(page, older=_older(more)))
    if back:
        audit.note("undo", by=by, note=act.note, site_id=act.site_id).subject = act.subject
    return bool(back)


def return_from(begins: str, *, by: str) -> list[Move]:
    """Take the last move of the page at an address back, or of all whose addresses begin so where
    it ends in ``*``; those that did not move stay. Raises NotFound where none did."""
    if not begins.endswith("*"):
        return [return_page(places.find(begins).id, by=by)]
    back: list[Move] = []
    with transaction():
        found = places.below(begins[:-1])
        made_room = _made_room(found[0][0].site_id)
        for page, _rest in found:
            with suppress(NotFound):
                back.append(_returned(page, made_room))
        if not back:
            raise NotFound(f"No page whose address begins with {begins[:-1]} has moved.")
        said = f"{len(back)} pages from {begins}"
        audit.note("move back", by=by, note=said, site_id=found[0][0].site_id)
    return back


def return_page(page_id: int, *, by: str) -> Move:
    """Take the last move of the page of this number back. Raises NotFound where it did not move."""
    with transaction():
        page = places.by_id(page_id)
        move = _returned(page, _made_room(page.site_id))
        audit.note("move back", by=by, note=_said(move.old, move.new), site_id=page.site_id)
    return move


def _returned(page: Page, made_room: dict[tuple[int, int], Older | None]) -> Move:
    page = places.held(page)
    before = places.came_from(page)
    older = made_room.get((page.id, before.id)) if before is not None else None
    return Move(places.return_to_place(page, older=older), page.url, page.count)


def _made_room(site_id: int) -> dict[tuple[int, int], Older | None]:
    """The older keys that made room for moves, by the numbers of the page and of the key that it
    left."""
    moved = select(Act.before).where(Act.verb.in_(_VERBS), Act.before.is_not(None))
    moved = moved.where(or_(Act.site_id == site_id, Act.site_id.is_(None))).order_by(Act.id)
    # A number comes again once its key is gone: the newest act that has it is the one.
    return {
        (page, more[0]): _older(more)
        for before in db.session.scalars(moved)
        for page, _key, *more in before["left"]
        if more
    }


def _older(more: Sequence[Any]) -> Older | None:
    """Of what an act notes behind page and key, which is nothing in acts of older versions."""
    return Older(*more[1]) if more and more[1] else None


def _said(old: str, new: str) -> str:
    return f"{old} to {new}"


def _rows(lines: Iterable[str]) -> list[tuple[int, list[str]]]:
    """Rows with the lines on which they end: a cell may have several."""
    try:
        table = csv.reader(lines)
        return [(table.line_num, row) for row in table]
    except csv.Error as error:
        raise WrongMoves([_("This is no table: %(error)s", error=error)]) from None


def _tried(rows: list[tuple[int, list[str]]]) -> list[Move]:
    """Each line as it would be followed, before the first is."""
    moves: list[Move] = []
    wrong: list[str] = []
    taken: set[int | str] = set()  # pages that move, and keys that they move to
    for number, row in rows:
        try:
            first, second = (cell.strip() for cell in row)
            for old, new in _meant(first, second):
                page = places.check(old, new)
                ends: set[int | str] = {page.id, directory.of_url(new).page_key(new)}
                if ends & taken:
                    wrong.append(
                        _(
                            "line %(number)s: another line moves the same thread, or to there",
                            number=number,
                        )
                    )
                taken |= ends
                moves.append(Move(old, new, page.count))
        except ValueError:
            wrong.append(_("line %(number)s: needs an old address and a new one", number=number))
        except Problem as refusal:
            wrong.append(_("line %(number)s: %(problem)s", number=number, problem=refusal.detail))
    if wrong:
        raise WrongMoves(wrong)
    return moves


def _meant(old: str, new: str) -> Iterable[tuple[str, str]]:
    """The moves of one line. Raises ValueError for one that is none, NotFound for no page."""
    if not (old and new):
        raise ValueError("an address is missing")
    if not old.endswith("*"):
        return [(old, new)]
    begins, new = old[:-1], new.removesuffix("*")
    found = places.below(begins)
    return [(page.url, new + rest) for page, rest in found]
