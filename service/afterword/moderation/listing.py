"""Comments as a plain list, for scripts."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from afterword.core.db import db
from afterword.threads.models import Comment, State


def newest(*, site_id: int | None, state: State | None, limit: int | None = None) -> list[Comment]:
    """The comments, newest first, of one site and in one state when these are said."""
    # A look-up a state: the indexes begin with it, and without it the whole table would be sorted.
    found = [
        row
        for wanted in ([state] if state else State)
        for row in db.session.scalars(_newest_in(wanted, site_id=site_id).limit(limit))
    ]
    found.sort(key=lambda row: (row.created, row.id), reverse=True)
    return found[:limit]


def _newest_in(state: State, *, site_id: int | None) -> Select[Comment]:
    rows = select(Comment).options(joinedload(Comment.page)).where(Comment.state == state)
    if site_id is not None:
        rows = rows.where(Comment.site_id == site_id)
    return rows.order_by(Comment.created.desc(), Comment.id.desc())
