"""For how long authors may change what they said."""

from __future__ import annotations

import datetime as dt

from afterword.core import clock
from afterword.core.db import db
from afterword.identity.models import Author
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
    if not options.edit_minutes or comment.state is State.REMOVED or _is_of_desk(comment):
        return False
    end = closes(comment, options=options)
    return end is None or clock.now() < end


def _is_of_desk(comment: Comment) -> bool:
    """Whether a moderator wrote it, who changes it there: who writes for the blog has no desk."""
    if not comment.is_moderator or comment.author_id is None:
        return comment.is_moderator
    author = db.session.get(Author, comment.author_id)
    return author is None or not author.is_staff
