"""Messages to the chats of those who moderate, by Apprise."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import func, select

from afterword.core import config, i18n
from afterword.core.db import db
from afterword.core.i18n import _
from afterword.notify import notice, words
from afterword.notify.channels import apprise
from afterword.sites import directory
from afterword.threads.events import Event
from afterword.threads.models import Comment, State

# Beyond it a flood is under way: one message says so, and then there is silence.
MOST_AN_HOUR: Final = 10
HOUR: Final = dt.timedelta(hours=1)
SHOWN: Final = 500


def may_tell(comment: Comment) -> bool:
    """Whether so few came within the hour before a comment that a message about it is no flood."""
    return _before(comment) <= MOST_AN_HOUR


def send(comment_id: str, event: str = "") -> None:
    """Tell of a comment, unless it is decided over by now. Raises Failed.

    A job of an older version says no ``event``.
    """
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.is_erased:
        return
    is_there = comment.state in {State.PENDING, State.VISIBLE}
    if is_there is (event == Event.REMOVED):
        return
    site = directory.by_id(comment.site_id)
    with i18n.speaking(site.options.language):
        title, flood = (
            notice.subject(comment, event=event),
            _("Many come now: you are told of no more for a while."),
        )
    said = words.of(comment)
    lines = [said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()} …"]
    if _before(comment) == MOST_AN_HOUR:
        lines.append(flood)
    lines.append(f"{config.public_url()}/admin/")
    db.session.commit()  # no connection of ours waits with the chat
    apprise.deliver(site.options.chat_urls.split(), title=title, body="\n\n".join(lines))


def _before(comment: Comment) -> int:
    """How many comments of its site in its state came within the hour before it."""
    since = comment.created - HOUR
    rows = select(func.count()).where(
        Comment.site_id == comment.site_id,
        Comment.state == comment.state,
        Comment.created > since,
        Comment.created < comment.created,
    )
    return db.session.scalar(rows) or 0
