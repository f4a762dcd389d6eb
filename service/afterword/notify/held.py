"""Who is told that a comment waits."""

from __future__ import annotations

from afterword.core.db import db
from afterword.identity import moderators
from afterword.identity.models import Notices
from afterword.notify import summary
from afterword.threads.models import Comment, State


def tell(comment_id: str) -> None:
    """Mail every moderator who wants to know of comments that wait, at once or with the next."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.state is not State.PENDING:
        return
    for moderator in moderators.every():
        if moderator.notices is not Notices.OFF:
            summary.tell(moderator, comment)
