"""Spans of time that PostgreSQL's index of words knows, each by a word that nobody can type.

GIN knows no order of time: to find the newest comments with two rare words it goes through all that
have one of them. Among very many comments, what is looked for is therefore looked for in the
nearest eras first. As a condition of its own, before the others, their words are a key of their own
to GIN, which goes by it and skips what is in no such era.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from sqlalchemy import Executable, Select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.visitors import InternalTraversal

from afterword.core.db import db

LARGE = 1_000_000  # comments: of fewer, all that have a word are quickly gone through
NEAR = 300_000  # comments in the nearest eras at most, about
AMPLE = 3  # times as many as are wanted are expected there: the planner guesses
FEW = 100  # comments that are read in no time
RARE = 1 / 5000  # of all
MOST: Final = 100  # eras: each is looked for, by GIN too
_BITS: Final = 49  # of a place, within an era: six days, see the migration that named them

# The planner's histogram: as many comments are between any two of its bounds.
_SPREAD: Final = text("""
    SELECT reltuples AS size,
        coalesce((SELECT histogram_bounds::text::bigint[] FROM pg_stats
            WHERE schemaname = current_schema() AND tablename = 'comment_words'
            AND attname = 'place'), '{}') AS bounds
    FROM pg_class
    WHERE oid = CAST('comment_words' AS regclass) AND reltuples > :large""")

# From one era that has comments to the next, each a look into an index: an import may have left
# centuries without any.
_WALK: Final = """
    WITH RECURSIVE met (era) AS (
        SELECT (SELECT {end}(place) FROM comment_words WHERE place BETWEEN :first AND :last) >> 49
        UNION ALL
        SELECT (SELECT {end}(place) FROM comment_words WHERE place BETWEEN {rest}) >> 49
        FROM met WHERE era {further} :edge
    )
    SELECT era FROM met LIMIT :most"""
_BACK: Final = text(_WALK.format(end="max", rest=":first AND (era << 49) - 1", further=">"))
_ON: Final = text(_WALK.format(end="min", rest="(era + 1) << 49 AND :last", further="<"))
_FIRST, _LAST = -(1 << 63), (1 << 63) - 1  # places that the database knows


@dataclass(frozen=True)
class Spread:
    """How many comments there are, and the places of some, as many between any two of them."""

    size: float
    bounds: Sequence[int]

    def between(self, first: int, last: int) -> float:
        """About how many comments are from the one place to the other."""
        steps = bisect_right(self.bounds, last) - bisect_left(self.bounds, first)
        return self.size * max(1, steps) / max(1, len(self.bounds))

    def edge(self, first: int, last: int, *, many: float, is_newest_first: bool) -> int:
        """As far as where there are so many comments or some more, of those between the two."""
        # The last step may have hardly begun, or not be known yet.
        steps = 1 + max(1, ceil(many * (len(self.bounds) - 1) / max(1, self.size)))
        if is_newest_first:
            at = bisect_left(self.bounds, last) - steps
            return max(first, self.bounds[at]) if at >= 0 else first
        at = bisect_right(self.bounds, first) - 1 + steps
        return min(last, self.bounds[at]) if at < len(self.bounds) else last


@dataclass(frozen=True)
class Eras:
    """Eras that follow one another, but for some in which there is nothing."""

    numbers: Sequence[int]
    is_all: bool  # nothing that was asked for is in another one

    def __str__(self) -> str:
        return " | ".join(f"'=era{number}'" for number in self.numbers)


def to_begin_with(
    rows: Select[Any],
    span: tuple[int, int],
    *,
    limit: int,
    is_of_one_word: bool,
    is_newest_first: bool = True,
) -> Eras | None:
    """Where to look first for so many of these rows, which are within a span of places.

    None where to look everywhere takes no longer.
    """
    if db.engine.dialect.name != "postgresql":
        return None
    known = db.session.execute(_SPREAD, {"large": LARGE}).one_or_none()
    if known is None:
        return None
    spread = Spread(*known)
    (plan,) = db.session.execute(_Explained(rows.order_by(None).limit(None))).scalar_one()
    expected = max(1, plan["Plan"]["Plan Rows"])
    among = spread.between(*span)
    if _is_quick(expected, of=among, limit=limit, is_of_one_word=is_of_one_word):
        return None
    many = min(NEAR, AMPLE * limit * among / expected)
    return nearest(spread, *span, many=many, is_newest_first=is_newest_first)


def nearest(
    spread: Spread, first: int, last: int, *, is_newest_first: bool, many: float = NEAR
) -> Eras | None:
    """Those of so many comments or some more, of what is from the place ``first`` to ``last``.

    None where nothing is there.
    """
    first, last = max(first, _FIRST), min(last, _LAST)
    edge = _era(spread.edge(first, last, many=many, is_newest_first=is_newest_first))
    how = {"first": first, "last": last, "edge": edge, "most": MOST}
    met = list(db.session.scalars(_BACK if is_newest_first else _ON, how))
    numbers = [number for number in met if number is not None]
    ended = met[-1] in {None, _era(first if is_newest_first else last)}
    return Eras(numbers, is_all=ended) if numbers else None


def _is_quick(expected: float, *, of: float, limit: int, is_of_one_word: bool) -> bool:
    """Whether there are few among so many, or so many that enough of them are soon met."""
    # The planner takes a word that it does not know for more frequent than it may be; but words
    # that like to stand together for less.
    few = max(FEW, RARE * of) if is_of_one_word else FEW
    in_eras = expected * min(1, NEAR / of)
    return min(expected, limit * of / expected) <= max(few, in_eras)


def _era(place: int) -> int:
    return place >> _BITS


class _Explained(Executable, ClauseElement):
    inherit_cache = True
    _traverse_internals = [("rows", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as others
    _all_selected_columns = ()

    def __init__(self, rows: Select[Any]) -> None:
        self.rows = rows


@compiles(_Explained)
def _explain(asked: _Explained, compiler: Any, **how: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(asked.rows, **how)}"
