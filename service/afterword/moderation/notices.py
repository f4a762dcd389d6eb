"""What moderators are mailed, and the links by which they decide from the mail.

A link decides over what its mail showed: it is void once the comment says or is something else, a
month later, and when it was used. So a mail that is opened late, or twice, can do no harm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import delete, func, select, update

from afterword.core import clock, ids, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, Conflict
from afterword.core.i18n import N_, _
from afterword.identity.models import Moderator
from afterword.moderation import actions, permissions, reports
from afterword.moderation.actions import Seen
from afterword.moderation.models import Notice
from afterword.moderation.scope import within
from afterword.threads.models import Comment, State

LIFE: Final = dt.timedelta(days=30)
MOST_WAITING: Final = 1000  # that one mail tells of
VERBS: Final[dict[str, Callable[..., list[Comment]]]] = {
    "approve": actions.approve,
    "spam": actions.spam,
    "remove": actions.remove,
}
_PURPOSE: Final = "notice"


@dataclass(frozen=True)
class Asked:
    """What a link in a mail is to do, and to which comment."""

    notice: Notice
    comment: Comment
    verb: str
    by: Moderator


def note(comment: Comment, moderator: Moderator, *, waits: bool = False) -> Notice | None:
    """Note that a moderator is mailed about a comment; None when they were. Inside a transaction.

    With ``waits`` it is the next mail that sums up by which they are.

    One that was changed or decided over since that mail, and waits again, is another matter: links
    of the mail before are void.

    What is too old to have a link that works goes.
    """
    told = db.session.scalar(
        select(Notice).where(Notice.moderator_id == moderator.id, Notice.comment_id == comment.id)
    )
    if told is not None:
        return _again(told, comment, waits=waits)
    db.session.execute(
        delete(Notice)
        .where(Notice.at < clock.now() - LIFE)
        .execution_options(synchronize_session=False)
    )
    made = Notice(
        moderator_id=moderator.id,
        comment_id=comment.id,
        fingerprint=_fingerprint(comment),
        waits=waits,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _again(told: Notice, comment: Comment, *, waits: bool) -> Notice | None:
    fingerprint = _fingerprint(comment)
    against = reports.of_comments([comment.id]).get(comment.id, [])
    is_as_told = told.used is None and told.fingerprint == fingerprint
    if is_as_told and not (against and against[0].at > told.at):
        return None
    if not (comment.state is State.PENDING or against):
        return None
    told.id, told.at, told.used, told.fingerprint = ids.new(), clock.now(), None, fingerprint
    told.waits = waits
    db.session.flush()
    return told


def mailed_within(moderator: Moderator, span: dt.timedelta) -> int:
    """About how many comments a moderator was mailed in this time."""
    rows = select(func.count()).where(
        Notice.moderator_id == moderator.id,
        Notice.at > clock.now() - span,
        Notice.waits.is_(False),
    )
    return db.session.scalar(rows) or 0


def waiting(moderator: Moderator) -> list[Comment]:
    """The visible comments of which the next mail that sums up may tell a moderator, the oldest
    first: of the sites that are theirs."""
    rows = (
        select(Comment)
        .join(Notice, Notice.comment_id == Comment.id)
        .where(Notice.moderator_id == moderator.id, Notice.waits.is_(True))
        .where(Comment.state == State.VISIBLE)
        .where(*within(Comment.site_id, permissions.sites_of(moderator)))
        .order_by(Notice.at)
        .limit(MOST_WAITING)
    )
    return list(db.session.scalars(rows))


def told(moderator: Moderator, *, until: dt.datetime) -> None:
    """What was noted for a mail that sums up until then waits no more. Inside a transaction."""
    db.session.execute(
        update(Notice)
        .where(Notice.moderator_id == moderator.id, Notice.waits.is_(True), Notice.at <= until)
        .values(waits=False)
        .execution_options(synchronize_session=False)
    )


def token(notice: Notice, verb: str) -> str:
    """What a link carries that does this and nothing else."""
    return str(signing.tokens(_PURPOSE).dumps([notice.id, verb]))


def find(token: str) -> Asked:
    """What a link would do now. Raises BadRequest for one that is void, Conflict for one too late.

    Too late is what somebody decided meanwhile, or its author changed.
    """
    try:
        notice_id, verb = signing.tokens(_PURPOSE).loads(token, max_age=int(LIFE.total_seconds()))
    except (BadSignature, TypeError, ValueError):
        raise _void() from None
    notice = db.session.get(Notice, notice_id) if ids.is_id(notice_id) else None
    if notice is None or verb not in VERBS:
        raise _void()
    comment = db.session.get_one(Comment, notice.comment_id)
    by = db.session.get_one(Moderator, notice.moderator_id)
    if not permissions.may_decide(by, comment):
        raise BadRequest(_("You do not moderate this site any more."))
    if notice.used is not None or notice.fingerprint != _fingerprint(comment):
        raise Conflict(_what_happened(comment))
    return Asked(notice, comment, verb, by)


def use(token: str) -> Asked:
    """Do what a link says. Raises as ``find`` does."""
    asked = find(token)
    texts = {asked.comment.id: actions.as_seen(asked.comment)}
    seen = Seen(state=asked.comment.state, texts=texts, reports_until=asked.notice.at)
    moved = VERBS[asked.verb]([asked.comment.id], by=asked.by.email, seen=seen)
    if not moved:
        raise Conflict(_what_happened(asked.comment))
    with transaction():
        asked.notice.used = clock.now()
    return asked


def _fingerprint(comment: Comment) -> str:
    return signing.digest(f"{comment.state.value}\n{comment.text}")


NOW = {
    State.PENDING: N_("This was decided meanwhile: the comment waits now."),
    State.VISIBLE: N_("This was decided meanwhile: the comment is visible now."),
    State.SPAM: N_("This was decided meanwhile: the comment is spam now."),
    State.REMOVED: N_("This was decided meanwhile: the comment is removed now."),
}


def _what_happened(comment: Comment) -> str:
    if comment.state is State.PENDING:
        return _("The comment was changed since this mail was sent. Look at it again on the desk.")
    return _(NOW[comment.state])


def _void() -> BadRequest:
    return BadRequest(_("This link is too old, or not whole. The comment waits on the desk."))
