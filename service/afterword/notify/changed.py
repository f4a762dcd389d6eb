"""One mail an hour to moderators who want to know of every comment: which changed, which went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from typing import Final

from afterword.core import clock, config, i18n
from afterword.core.db import transaction
from afterword.core.i18n import ngettext
from afterword.identity import moderators
from afterword.identity.models import Moderator, Notices
from afterword.jobs import queue
from afterword.moderation import audit, permissions
from afterword.notify import digest, language, letter, notice
from afterword.notify.letter import Letter
from afterword.threads.events import Event
from afterword.threads.models import Comment, State

HOUR: Final = dt.timedelta(hours=1)
SHOWN: Final = 20


def tell(comment: Comment) -> None:
    """Let those be mailed who did not do it: with what else others do within the hour."""
    act = audit.newest_change(comment)
    if act is None:
        return
    now = clock.now()
    with transaction():
        for moderator in moderators.every():
            if not _wants(moderator, comment) or act.by == moderator.email:
                continue
            due = digest.next_morning(now) if moderator.is_daily else now + HOUR
            said = {"moderator_id": moderator.id, "since": clock.text(act.at)}
            queue.add("changed", said, due=due, once=f"changed.{moderator.id}")


def send(moderator_id: int, since: str) -> None:
    """Mail it, with how each comment stands now. Raises Failed, Hopeless."""
    moderator = moderators.by_id(moderator_id)
    if moderator is None or moderator.notices is not Notices.ALL:
        return
    sites = permissions.sites_of(moderator)
    begun = clock.parse(since)
    found = audit.changed(begun, sites=sites, but_by=moderator.email, limit=SHOWN + 1)
    changes = _changes(found, since=begun, but_by=moderator.email)
    with i18n.speaking(language.of(moderator)):
        lines = [_line(comment) for comment in found if _is_told(comment, changes)]
        if not lines:
            return
        letter.send(
            Letter(
                to=moderator.email,
                subject=ngettext(
                    "%(n)s comment was changed or removed",
                    "%(n)s comments were changed or removed",
                    len(lines[:SHOWN]),
                ),
                name="changed",
                about=f"changed.{moderator.id}.{since}",
                values={
                    "lines": lines[:SHOWN],
                    "is_more": len(lines) > SHOWN,
                    "desk": f"{config.public_url()}/admin/log",
                },
            )
        )


def _wants(moderator: Moderator, comment: Comment) -> bool:
    is_wanted = moderator.notices is Notices.ALL and not moderator.is_invited
    return is_wanted and permissions.may_decide(moderator, comment)


def _changes(comments: Sequence[Comment], *, since: dt.datetime, but_by: str) -> set[str | None]:
    """Which of these have other words by somebody else: as edited last, or as they were left when
    that was taken back."""
    first = audit.first_edits(comments, since=since, but_by=but_by)
    before = {act.comment_id: act.text_before for act in first}
    other = {one.id for one in comments if one.id in before and one.text != before[one.id]}
    return {
        act.comment_id
        for act in audit.last_edits(comments)
        if act.comment_id in before
        and (act.by != but_by if act.verb == "edit" else act.comment_id in other)
    }


def _is_told(comment: Comment, changes: Container[str | None]) -> bool:
    """What waits now is told by a mail of its own; of what was erased there is nothing to tell, and
    of what came back only that it has other words."""
    if comment.state is State.PENDING or comment.is_erased:
        return False
    return comment.state is not State.VISIBLE or comment.id in changes


def _line(comment: Comment) -> str:
    is_there = comment.state is State.VISIBLE
    return notice.subject(comment, event=Event.EDITED if is_there else Event.REMOVED)
