"""What a moderator's act teaches the spam filter about the comment it is done to."""

from __future__ import annotations

from afterword.moderation import audit
from afterword.spam.models import Taught
from afterword.threads.models import Comment, State


def of(verb: str, comment: Comment, taught: Taught | None) -> Taught | None:
    """What a comment, still in its old state, is to have taught after an act; None: nothing."""
    if comment.is_moderator:
        return None
    if verb == "approve":
        return Taught.GOOD
    if verb == "spam":
        return Taught.SPAM
    return _removed(comment, taught) if verb == "remove" else _restored(comment, taught)


def _removed(comment: Comment, taught: Taught | None) -> Taught | None:
    """Unwanted need not be spam: what was visible teaches nothing more, what waited a little."""
    if comment.state is State.PENDING:
        return Taught.UNWANTED
    return None if comment.state is State.VISIBLE else taught


def _restored(comment: Comment, taught: Taught | None) -> Taught | None:
    """What it had taught before it came into its present state."""
    if comment.state in {State.VISIBLE, State.PENDING}:
        return taught
    before = audit.before(comment)
    return Taught(before.taught) if before and before.taught else None
