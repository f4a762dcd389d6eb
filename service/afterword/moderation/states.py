"""The table of moves."""

from __future__ import annotations

from afterword.core.errors import Conflict
from afterword.threads.models import Comment, State

ALLOWED = {
    State.PENDING: {State.VISIBLE, State.SPAM, State.REMOVED},
    State.VISIBLE: {State.PENDING, State.SPAM, State.REMOVED},
    State.SPAM: {State.PENDING, State.VISIBLE, State.REMOVED},
    State.REMOVED: {State.PENDING, State.VISIBLE, State.SPAM},
}


def move(comment: Comment, to: State) -> State:
    """Bring a comment into another state; answers the one it had. Raises Conflict."""
    before = comment.state
    if to not in ALLOWED[before]:
        raise Conflict(f"The comment is {before.value} already.")
    comment.state = to
    return before
