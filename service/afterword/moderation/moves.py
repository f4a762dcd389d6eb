"""A table of moves: the old address of a page, a comma, the new one on each line. All or none.

An old address that ends in ``*`` stands for all pages whose addresses begin so; what follows goes
behind the new one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from afterword.core.db import transaction
from afterword.core.errors import NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import places
from afterword.sites import directory


@dataclass(frozen=True)
class Move:
    """One line, and how many visible comments it takes along."""

    old: str
    new: str
    count: int


class WrongMoves(Exception):
    """A table of which nothing was done; ``lines`` says what is wrong with which."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(_("Nothing was moved."))
        self.lines = lines


def follow(table: Iterable[str], *, by: str, dry_run: bool) -> list[Move]:
    """Move threads as a table says. Raises WrongMoves when a line cannot be followed."""
    moves = _tried(list(enumerate(_rows(table), start=1)), by=by)
    if not dry_run:
        with transaction():
            for move in moves:
                places.relocate(move.old, move.new, by=by)
    return moves


def take_back(begins: str, *, by: str) -> list[Move]:
    """Take the last move of the page at an address back, or of all whose addresses begin so where
    it ends in ``*``; those that did not move stay. Raises NotFound where none did."""
    back: list[Move] = []
    with transaction():
        if not begins.endswith("*"):
            page = places.find(begins)
            places.return_to_place(page, by=by)
            return [Move(begins, page.url, page.count)]
        for page, _ in places.below(begins[:-1]):
            left = page.url
            with suppress(NotFound):
                places.return_to_place(page, by=by)
                back.append(Move(left, page.url, page.count))
        if not back:
            raise NotFound(f"No page whose address begins with {begins[:-1]} has moved.")
    return back


def _rows(table: Iterable[str]) -> list[list[str]]:
    try:
        return list(csv.reader(table))
    except csv.Error as error:
        raise WrongMoves([_("This is no table: %(error)s", error=error)]) from None


def _tried(rows: list[tuple[int, list[str]]], *, by: str) -> list[Move]:
    """Each line as it would be followed, before the first is."""
    moves: list[Move] = []
    wrong: list[str] = []
    taken: set[int | str] = set()  # pages that move, and keys that they move to
    for number, row in rows:
        if not any(row):
            continue
        try:
            first, second = (cell.strip() for cell in row)
            for old, new in _meant(first, second):
                page = places.move(old, new, by=by, dry_run=True)
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
