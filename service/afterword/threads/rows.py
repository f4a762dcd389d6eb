"""What the read path asks the database: only columns that readers may see, statements made once.

Rows, not objects of the session: nothing here is written back, and a page of them costs half.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, bindparam, select, union_all

from afterword.core.batches import batched
from afterword.core.db import db
from afterword.threads.models import Comment
from afterword.threads.view import Shown

# How many roots a statement for their first replies asks for; the rest of one are asked for none.
# More would not pass: SQLite glues at most 500 parts together.
_SIZES = (5, 20, 50, 100)

_HIDDEN = {
    *("site_id", "email", "text", "format", "reasons", "version", "appeared"),
    *("page_title", "page_url"),
}
_COLUMNS = tuple(column for column in Comment.__table__.c if column.name not in _HIDDEN)


def roots_of(page_id: int) -> Select[Any]:
    """The shown roots of a page."""
    return _shown().where(Comment.page_id == page_id, Comment.root_id.is_(None))


def replies_of(root_id: str | ColumnElement[str]) -> Select[Any]:
    """The shown replies below a root, oldest first."""
    rows = _shown().where(Comment.root_id == root_id)
    return rows.order_by(Comment.created, Comment.id)


def all_of(page_id: int) -> Select[Any]:
    """Everything that is shown on a page, oldest first."""
    rows = _shown().where(Comment.page_id == page_id)
    return rows.order_by(Comment.created, Comment.id)


def changed_of(page_id: int, *, since: int, limit: int) -> Select[Any]:
    """What changed on a page after a version of it, shown or not, in the order of its changes."""
    rows = select(*_COLUMNS, Comment.version, Comment.appeared).where(Comment.page_id == page_id)
    rows = rows.where(Comment.version > since).order_by(Comment.version, Comment.created)
    return rows.limit(limit)


def first_replies(roots: Sequence[Shown], *, each: int) -> Iterable[Row[Any]]:
    """Up to ``each`` replies of each root, in no order."""
    most = _SIZES[-1]
    for some in batched(roots, most):
        part = [root.id for root in some]
        size = next(size for size in _SIZES if size >= len(part))
        asked = dict.fromkeys((_name(number) for number in range(size)), None)
        asked |= {_name(number): root_id for number, root_id in enumerate(part)}
        yield from db.session.execute(_first_of_each(size, each), asked)


def _shown() -> Select[Any]:
    return select(*_COLUMNS).where(Comment.is_shown.is_(True))


@lru_cache
def _first_of_each(size: int, each: int) -> CompoundSelect[Any]:
    # One small ordered look-up a root, glued together: a window function would read all replies.
    # Kept: to put it together takes ten times as long as to have it answered.
    names = (bindparam(_name(number), type_=Comment.root_id.type) for number in range(size))
    return union_all(*(select(replies_of(name).limit(each).subquery()) for name in names))


def _name(number: int) -> str:
    return f"root_{number}"
