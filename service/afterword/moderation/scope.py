"""Of which sites something is asked: of all, or of those that somebody may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

# Ids of sites; None is every site, also what belongs to none. No site at all is an empty one.
Scope = frozenset[int] | None


def within(column: InstrumentedAttribute[Any], sites: Scope) -> list[ColumnElement[bool]]:
    """What a query over rows with a site asks for, to find only those of these sites."""
    if sites is None:
        return []
    if len(sites) == 1:  # by far the commonest, and then an index may give the order as well
        return [column == next(iter(sites))]
    return [column.in_(sorted(sites))]
