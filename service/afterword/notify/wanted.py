"""What a moderator wants to hear of among what readers see."""

from __future__ import annotations

from collections.abc import Sequence

from afterword.identity.models import Moderator, Notices
from afterword.moderation import audit, reports
from afterword.notify import answers
from afterword.threads.models import Comment


def wants(moderator: Moderator, comment: Comment) -> bool:
    """Whether a moderator is told that a comment has appeared: every one of readers, or those only
    that answer what they wrote themselves."""
    if moderator.notices is Notices.OFF:
        return False
    is_wanted = moderator.notices is Notices.ALL and not comment.is_moderator
    return is_wanted or answers.is_to(comment, moderator)


def news(moderator: Moderator, visible: Sequence[Comment]) -> list[Comment]:
    """What readers reported, or what has appeared and they did not let appear themselves."""
    against = reports.of_comments(one.id for one in visible)
    moved_by = {act.comment_id: act.by for act in audit.last_moves(visible)}
    return [
        one
        for one in visible
        if one.id in against or (wants(moderator, one) and moved_by.get(one.id) != moderator.email)
    ]
