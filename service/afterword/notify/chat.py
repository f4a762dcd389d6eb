"""Messages to the chats of those who moderate, by Apprise."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import delete, func, select

from afterword.core import clock, config, i18n
from afterword.core.db import db, take_turns
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.moderation import reports
from afterword.notify import notice, words
from afterword.notify.channels import apprise
from afterword.notify.models import ChatMessage
from afterword.sites import directory
from afterword.threads.events import Event, is_over
from afterword.threads.models import Comment, State

# Beyond it a flood is under way: one message says so, and then there is silence.
MOST_AN_HOUR: Final = 10
HOUR: Final = dt.timedelta(hours=1)
KEPT: Final = dt.timedelta(days=1)  # that it is known which event a message was sent about
SHOWN: Final = 500


def tell(comment: Comment, event: Event, *, call: str) -> None:
    """Let a message be sent about an event, once, unless a flood is under way.

    Inside a transaction. ``call`` is what the event is known by.
    """
    site_id, now = comment.site_id, clock.now()
    take_turns(f"chat {site_id}")
    if db.session.get(ChatMessage, call) is not None:
        return
    sent = _sent(site_id, now)
    if sent > MOST_AN_HOUR:
        return
    of_site = delete(ChatMessage).where(ChatMessage.site_id == site_id)
    db.session.execute(
        of_site.where(ChatMessage.at < now - KEPT).execution_options(synchronize_session=False)
    )
    db.session.add(ChatMessage(call=call, site_id=site_id, at=now))
    said = {"comment_id": comment.id, "event": event.value, "is_last": sent == MOST_AN_HOUR}
    queue.add("chat", said)


def send(comment_id: str, event: str = "", *, is_last: bool = False) -> None:
    """Tell of a comment, unless it is decided over by now. Raises Failed.

    A job of an older version says no ``event``. The last one says that there is silence then.
    """
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.is_erased or _is_over(comment, event):
        return
    site = directory.by_id(comment.site_id)
    with i18n.speaking(site.options.language):
        title, flood = (
            notice.subject(comment, event=event),
            _("Many come now: you are told of no more for a while."),
        )
    said = words.of(comment)
    lines = [said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()} …"]
    if is_last:
        lines.append(flood)
    lines.append(f"{config.public_url()}/admin/")
    db.session.commit()  # no connection of ours waits with the chat
    apprise.deliver(site.options.chat_urls.split(), title=title, body="\n\n".join(lines))


def _is_over(comment: Comment, event: str) -> bool:
    is_there = comment.state in {State.PENDING, State.VISIBLE}
    if is_there is (event == Event.REMOVED) or (event and is_over(Event(event), comment)):
        return True
    return event == Event.REPORTED and not reports.of_comments([comment.id])


def _sent(site_id: int, now: dt.datetime) -> int:
    """How many messages went to a site's chats within the hour."""
    rows = select(func.count()).where(
        ChatMessage.site_id == site_id, ChatMessage.at > now - HOUR, ChatMessage.at <= now
    )
    return db.session.scalar(rows) or 0
