"""The mail about one comment to a moderator, with links that decide over it."""

from __future__ import annotations

from afterword.core import config
from afterword.core.db import db
from afterword.identity.models import Moderator
from afterword.moderation import notices, permissions
from afterword.moderation.models import Notice
from afterword.notify import letter, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads.models import Comment, State


def send(notice_id: str) -> None:
    """Mail it, unless the comment is decided over by now, or no longer theirs to decide.

    Raises Failed, Hopeless.
    """
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        return
    comment = db.session.get_one(Comment, notice.comment_id)
    moderator = db.session.get_one(Moderator, notice.moderator_id)
    is_open = comment.state in {State.PENDING, State.VISIBLE}
    if not is_open or not permissions.may_decide(moderator, comment):
        return
    waits = " waits" if comment.state is State.PENDING else ""
    url = config.public_url()
    links = {verb: f"{url}/admin/mail/{notices.token(notice, verb)}" for verb in notices.VERBS}
    if comment.state is State.VISIBLE:
        del links["approve"]
    letter.send(
        Letter(
            to=moderator.email,
            subject=f"{words.name(comment)} on {words.title(comment)}{waits}",
            name="notice",
            about=f"notice.{notice.id}",
            thread=f"page.{comment.page_id}",
            values={
                "name": words.name(comment),
                "site": directory.by_id(comment.site_id).name,
                "title": words.title(comment),
                "words": words.of(comment),
                "reasons": comment.reasons if comment.state is State.PENDING else [],
                "links": links,
                "reply": f"{url}/admin/comments/{comment.id}/reply",
                "account": f"{url}/admin/account",
            },
        )
    )
