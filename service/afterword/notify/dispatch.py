"""Who is told of an event, and how. Runs once it is committed; again after a crash, harmlessly."""

from __future__ import annotations

from afterword.core import config
from afterword.core.db import db, transaction
from afterword.jobs import queue
from afterword.notify import answers, changed, chat, held, visible
from afterword.sites import directory
from afterword.sites.options import ChatEvents, Options
from afterword.threads.events import Event, is_over
from afterword.threads.models import Comment


def tell(name: str, comment_id: str, call: str) -> None:
    """Tell readers, moderators, chats and the site's webhook. ``call`` names the event to them."""
    event, comment = Event(name), db.session.get(Comment, comment_id)
    if comment is None or is_over(event, comment):
        return
    options = directory.by_id(comment.site_id).options
    if config.current().smtp_url:
        _mail(event, comment)
    with transaction():
        if options.webhook_url and options.webhook_secret:
            said = {"event": event, "comment_id": comment.id, "call": call}
            queue.add("webhook", said)
        if _is_for_chat(event, comment, options):
            chat.tell(comment, event, call=call)


def _mail(event: Event, comment: Comment) -> None:
    if event is Event.VISIBLE:
        visible.tell(comment)
    elif event in {Event.HELD, Event.REPORTED}:
        held.tell(comment)
    elif event in {Event.EDITED, Event.REMOVED}:
        changed.tell(comment)


def _is_for_chat(event: Event, comment: Comment, options: Options) -> bool:
    if not options.chat_urls:
        return False
    match options.chat_events:
        case ChatEvents.ALL:
            # One message for an answer that appears, though it is two events.
            return event is not Event.VISIBLE or comment.parent_id is None
        case ChatEvents.REPLIES if event is Event.REPLY:
            return not comment.is_moderator and answers.answered(comment) is not None
    return event in {Event.HELD, Event.REPORTED}
