"""How it goes with the posts that are asked for replies, for those who linked them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from afterword.core.db import db
from afterword.mentions.models import Followed


def of_pages(page_ids: Sequence[int]) -> dict[int, Followed]:
    """Those of these pages that were asked already, by their numbers."""
    rows = select(Followed).where(Followed.page_id.in_(page_ids)) if page_ids else None
    return {} if rows is None else {one.page_id: one for one in db.session.scalars(rows)}
