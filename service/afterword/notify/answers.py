"""Whether a comment answers one of those who decide."""

from __future__ import annotations

from afterword.core.db import db
from afterword.identity.models import Moderator
from afterword.threads.models import Comment


def answered(comment: Comment) -> Comment | None:
    """The comment of a moderator that it answers."""
    parent = db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    return parent if parent is not None and parent.is_moderator else None


def is_to(comment: Comment, moderator: Moderator) -> bool:
    """Whether it answers what this moderator wrote, and is somebody else's."""
    parent = answered(comment)
    return (
        parent is not None
        and parent.email == moderator.email
        and not (comment.is_moderator and comment.email == moderator.email)
    )
