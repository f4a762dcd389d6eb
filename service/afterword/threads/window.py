"""For how long authors may change what they said."""

from __future__ import annotations

import datetime as dt

from afterword.core import clock
from afterword.sites.options import Options
from afterword.threads.models import Comment, State


def closes(comment: Comment, *, options: Options) -> dt.datetime | None:
    """When the time to change a comment that readers see is over; None for one that waits.

    What only its author and the owner have seen misleads nobody when it changes.
    """
    if comment.state is not State.VISIBLE:
        return None
    return clock.later(comment.created, dt.timedelta(minutes=options.edit_minutes))


def is_open(comment: Comment, *, options: Options) -> bool:
    """Whether its author may change a comment now, or take it back."""
    if not options.edit_minutes or comment.state is State.REMOVED or comment.is_moderator:
        return False
    end = closes(comment, options=options)
    return end is None or clock.now() < end
