"""Who is told that a comment waits."""

from __future__ import annotations

from afterword.identity import moderators
from afterword.identity.models import Notices
from afterword.notify import summary
from afterword.threads.models import Comment


def tell(comment: Comment) -> None:
    """Mail every moderator who wants to know of comments that wait, at once or with the next."""
    for moderator in moderators.every():
        if moderator.notices is not Notices.OFF:
            summary.tell(moderator, comment)
