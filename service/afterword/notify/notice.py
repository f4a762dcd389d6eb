"""The mail about one comment to a moderator, with links that decide over it."""

from __future__ import annotations

from afterword.core import config, i18n
from afterword.core.db import db
from afterword.core.i18n import _
from afterword.identity.models import Moderator, Notices
from afterword.moderation import notices, permissions, reports
from afterword.moderation.models import Notice
from afterword.notify import answers, language, letter, wanted, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads.events import Event
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
    is_wanted = moderator.notices is not Notices.OFF
    is_visible = comment.state is State.VISIBLE
    is_open = comment.state is State.PENDING or (is_visible and wanted.news(moderator, [comment]))
    if not is_wanted or not is_open or not permissions.may_decide(moderator, comment):
        return
    reasons = [] if is_visible else comment.reasons
    site = directory.by_id(comment.site_id)
    url = config.public_url()
    links = {verb: f"{url}/admin/mail/{notices.token(notice, verb)}" for verb in notices.VERBS}
    if is_visible:
        del links["approve"]
    with i18n.speaking(language.of(moderator)):
        letter.send(
            Letter(
                to=moderator.email,
                subject=subject_for(comment, moderator),
                name="notice",
                about=f"notice.{notice.id}",
                after=(f"page.{comment.page_id}",),
                values={
                    "name": words.name(comment),
                    "site": site.name,
                    "title": words.title(comment),
                    "words": words.of(comment),
                    "reasons": [i18n.retold("reason", reason) for reason in reasons],
                    "links": links,
                    "reply": f"{url}/admin/comments/{comment.id}/reply",
                    "account": f"{url}/admin/account",
                },
            )
        )


def subject(comment: Comment, *, event: str = "") -> str:
    """Who wrote where, and whether it waits, or what happened to it."""
    named = {"name": words.name(comment), "title": words.title(comment)}
    if comment.state is State.PENDING:
        return _("%(name)s on %(title)s waits", **named)
    match event:
        case Event.REPORTED:
            return _("%(name)s on %(title)s was reported", **named)
        case Event.EDITED:
            return _("%(name)s on %(title)s was changed", **named)
        case Event.REMOVED:
            return _("%(name)s on %(title)s was removed", **named)
        case Event.REPLY:
            parent = db.session.get_one(Comment, comment.parent_id)
            return _("%(name)s answered %(other)s on %(title)s", other=words.name(parent), **named)
    return _("%(name)s on %(title)s", **named)


def subject_for(comment: Comment, to: Moderator) -> str:
    """The same for who is mailed of it, whose own comment it may answer."""
    if reports.of_comments([comment.id]):
        return subject(comment, event=Event.REPORTED)
    if comment.state is State.VISIBLE and answers.is_to(comment, to):
        return _(
            "%(name)s answered you on %(title)s",
            name=words.name(comment),
            title=words.title(comment),
        )
    return subject(comment)
