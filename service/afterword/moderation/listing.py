"""Comments as a plain list, for scripts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from afterword.core.db import db
from afterword.threads.models import Comment, State


def newest(*, site_id: int | None, state: State | None, limit: int) -> list[Comment]:
    """The newest comments, of one site and in one state when these are said."""
    rows = select(Comment).options(joinedload(Comment.page))
    if site_id is not None:
        rows = rows.where(Comment.site_id == site_id)
    if state is not None:
        rows = rows.where(Comment.state == state)
    rows = rows.order_by(Comment.created.desc(), Comment.id.desc()).limit(limit)
    return list(db.session.scalars(rows))
