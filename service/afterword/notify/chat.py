"""Messages to the chats of those who moderate, by Apprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select

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

# Beyond it a flood is under way: one message says so, and then there is silence until an hour had
# no more than that.
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
    of_site = delete(ChatMessage).where(ChatMessage.site_id == site_id)
    db.session.execute(
        of_site.where(ChatMessage.at < now - KEPT).execution_options(synchronize_session=False)
    )
    before = _within_the_hour(site_id, now)
    is_flood = len(before) >= MOST_AN_HOUR
    # What goes untold counts as well: else a flood that lasts would be told of again and again.
    db.session.add(ChatMessage(call=call, site_id=site_id, at=now, is_flood=is_flood))
    if is_flood and before[0]:
        return
    said = {"comment_id": comment.id, "event": event.value}
    # A process of the version before knows no is_last, and may be the one to send it.
    queue.add("chat", {**said, "is_last": True} if is_flood else said)


def send(comment_id: str, event: str = "", *, is_last: bool = False) -> None:
    """Tell of a comment, unless it is decided over by now. Raises Failed.

    A job of an older version says no ``event``. The last one says that there is silence then, also
    where its comment is decided over.
    """
    comment = db.session.get(Comment, comment_id)
    if comment is None:
        return
    is_told = not comment.is_erased and not _is_over(comment, event)
    if not is_told and not is_last:
        return
    site = directory.by_id(comment.site_id)
    title, lines = site.name, []
    with i18n.speaking(site.options.language):
        if is_told:
            title, said = notice.subject(comment, event=event), words.of(comment)
            lines.append(said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()} …")
        if is_last:
            lines.append(_("Many come now: you are told of no more for a while."))
    lines.append(f"{config.public_url()}/admin/")
    db.session.commit()  # no connection of ours waits with the chat
    apprise.deliver(site.options.chat_urls.split(), title=title, body="\n\n".join(lines))


def _is_over(comment: Comment, event: str) -> bool:
    is_there = comment.state in {State.PENDING, State.VISIBLE}
    if is_there is (event == Event.REMOVED) or (event and is_over(Event(event), comment)):
        return True
    return event == Event.REPORTED and not reports.of_comments([comment.id])


def _within_the_hour(site_id: int, now: dt.datetime) -> Sequence[bool]:
    """Of the last events on a site within the hour, as many as matter: whether each was of a flood.

    The last one is the first.
    """
    rows = select(ChatMessage.is_flood).where(
        ChatMessage.site_id == site_id, ChatMessage.at > now - HOUR, ChatMessage.at <= now
    )
    newest = rows.order_by(ChatMessage.at.desc(), ChatMessage.is_flood.desc())
    return db.session.scalars(newest.limit(MOST_AN_HOUR)).all()
