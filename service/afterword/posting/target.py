"""The comment that somebody acts on."""

from __future__ import annotations

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.threads.models import Comment


def find(comment_id: str) -> Comment:
    """A comment, however it stands. Raises NotFound."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None:
        raise _gone()
    return comment


def lock(comment_id: str) -> Comment:
    """The same for a write: nobody else changes it before the transaction ends."""
    # Not the key: those who answer this comment meanwhile refer to it, and need not wait.
    comment = db.session.get(
        Comment, comment_id, populate_existing=True, with_for_update={"key_share": True}
    )
    if comment is None:
        raise _gone()
    return comment


def _gone() -> NotFound:
    return NotFound("There is no such comment, or it was removed.")
