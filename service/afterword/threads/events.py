"""What happens to comments that somebody may want to be told of: noted with it, told after it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from afterword.core import clock, config, ids
from afterword.jobs import queue
from afterword.sites import directory
from afterword.threads.models import Comment, State


class Event(StrEnum):
    """Its name in webhooks too."""

    VISIBLE = "comment.visible"
    REPLY = "comment.reply"  # it is visible now, and answers another one: told beside the first
    HELD = "comment.held"
    EDITED = "comment.edited"
    REMOVED = "comment.removed"
    REPORTED = "comment.reported"


# An event is over when the comment is not in this state any more: its next one tells of it.
_WHILE = {Event.VISIBLE: State.VISIBLE, Event.REPLY: State.VISIBLE, Event.HELD: State.PENDING}
BURST = dt.timedelta(seconds=10)
_SAID = frozenset({Event.VISIBLE, Event.EDITED, Event.REMOVED})


def moved(comment: Comment, before: State | None) -> None:
    """Note that a comment came into a state, or was changed within it. Inside the transaction."""
    event = _event(comment.state, before)
    if event is not None:
        note(comment, event)
    if event is Event.VISIBLE and comment.parent_id is not None:
        note(comment, Event.REPLY)


def note(comment: Comment, event: Event) -> None:
    """Note an event where anybody is told of it. Inside its transaction."""
    options = directory.by_id(comment.site_id).options
    if options.webmentions and comment.is_moderator and event in _SAID:
        queue.add("mentions-made", {"comment_id": comment.id})
    if options.websub_hub and event in _SAID:
        _tell_hub(comment)
    # Who is mailed of an answer is so when it is told to be visible.
    is_mailed = config.current().smtp_url and event is not Event.REPLY
    if is_mailed or options.webhook_url or options.chat_urls:
        queue.add("event", {"name": event, "comment_id": comment.id, "call": f"msg_{ids.new()}"})


def is_over(event: Event, comment: Comment) -> bool:
    """Whether what happened to a comment is so no longer: then nobody is told of it."""
    if event is Event.REMOVED:
        return comment.state is State.VISIBLE
    return comment.state is not _WHILE.get(event, comment.state)


def _tell_hub(comment: Comment) -> None:
    """Soon, and once for all that happens on a page until then."""
    due = clock.now() + BURST
    queue.add("hub", {"page_id": comment.page_id}, due=due, once=f"hub.{comment.page_id}")


def _event(state: State, before: State | None) -> Event | None:
    if state is before:
        return Event.EDITED if state is State.VISIBLE else None
    if state is State.VISIBLE:
        return Event.VISIBLE
    if state is State.PENDING:
        return Event.HELD
    return Event.REMOVED if before is State.VISIBLE else None
