"""The table of moves."""

from __future__ import annotations

from afterword.core.errors import Conflict
from afterword.core.i18n import N_, _
from afterword.threads.models import Comment, State

ALLOWED = {
    State.PENDING: {State.VISIBLE, State.SPAM, State.REMOVED},
    State.VISIBLE: {State.PENDING, State.SPAM, State.REMOVED},
    State.SPAM: {State.PENDING, State.VISIBLE, State.REMOVED},
    State.REMOVED: {State.PENDING, State.VISIBLE, State.SPAM},
}


ALREADY = {
    State.PENDING: N_("The comment is pending already."),
    State.VISIBLE: N_("The comment is visible already."),
    State.SPAM: N_("The comment is spam already."),
    State.REMOVED: N_("The comment is removed already."),
}


def move(comment: Comment, to: State) -> State:
    """Bring a comment into another state; answers the one it had. Raises Conflict."""
    before = comment.state
    if to not in ALLOWED[before]:
        raise Conflict(_(ALREADY[before]))
    comment.state = to
    return before
