"""Let authors take back what they said, and for a minute take that back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from afterword.core import clock
from afterword.core.db import transaction
from afterword.core.errors import TooLate
from afterword.core.i18n import _
from afterword.moderation import audit, permissions, states
from afterword.moderation.models import Act
from afterword.posting import target
from afterword.posting.reader import Reader
from afterword.sites import directory
from afterword.spam import learn
from afterword.threads import counts
from afterword.threads.models import Comment, State

UNDO = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Removed:
    """A comment that its author took away, and until when it can come back."""

    comment: Comment
    undo_until: dt.datetime


def remove(comment_id: str, *, reader: Reader) -> Removed:
    """Take one's own comment away; replies stay below a tombstone. Again, it changes nothing.

    Raises NotFound, NotYours, TooLate.
    """
    comment = target.find(comment_id)
    with transaction():
        comment = _own(comment, reader)
        if comment.state is not State.REMOVED:
            permissions.may_change(comment, options=directory.by_id(comment.site_id).options)
            move(comment, State.REMOVED, "remove")
        act = own_removal(comment)
        if act is None:
            raise target.gone()
        return Removed(comment, act.at + UNDO)


def restore(comment_id: str, *, reader: Reader) -> Comment:
    """Bring back what one has just taken away, as it stood. Again, it changes nothing.

    Raises NotFound, NotYours; TooLate after a minute, or when a moderator acted on it since.
    """
    comment = target.find(comment_id)
    with transaction():
        comment = _own(comment, reader)
        if comment.state is not State.REMOVED:
            return comment
        act = own_removal(comment)
        if act is None or act.state_before is None or clock.now() > act.at + UNDO:
            raise TooLate(_("This comment can no longer be brought back."))
        move(comment, State(act.state_before), "restore")
    return comment


def taken_back(comment: Comment) -> Removed | None:
    """A comment that its author removed, while it can come back; else None."""
    act = own_removal(comment) if comment.state is State.REMOVED else None
    if act is None or clock.now() > act.at + UNDO:
        return None
    return Removed(comment, act.at + UNDO)


def _own(comment: Comment, reader: Reader) -> Comment:
    comment = target.lock(comment)
    target.check_own(comment, reader)
    return comment


def own_removal(comment: Comment) -> Act | None:
    """The act by which its author removed a comment; None when that is not the last one."""
    act = audit.newest(comment)
    is_own = act is not None and (act.verb, act.by) == ("remove", audit.AUTHOR)
    return act if is_own else None


def move(comment: Comment, to: State, verb: str) -> None:
    """Bring it there as its author's act. Inside a transaction."""
    taught = learn.taught([comment.id]).get(comment.id)
    before = states.move(comment, to)
    audit.write(comment, verb, by=audit.AUTHOR, before=before, taught_before=taught)
    counts.settle(comment, before=before)
