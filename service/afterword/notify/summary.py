"""Mails to moderators: one a comment, or one for many."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afterword.core import clock, config, i18n
from afterword.core.db import db, transaction
from afterword.core.i18n import ngettext
from afterword.identity.models import Moderator, Notices
from afterword.jobs import queue
from afterword.moderation import notices, permissions
from afterword.moderation import queue as comments
from afterword.notify import digest, language, letter, notice, wanted, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads.models import Comment, State

# Beyond it a flood is under way, which should not be one in the mailbox too.
MOST_AN_HOUR: Final = 10
HOUR: Final = dt.timedelta(hours=1)
SHOWN: Final = 10
LONGEST: Final = dt.timedelta(days=1)  # that one waits for a summary


def tell(moderator: Moderator, comment: Comment) -> None:
    """Mail about a comment now, or let the next summary do: when it is wanted so, or much comes.

    Not to whom it is not to decide, nor to an address that nobody has answered from yet.
    """
    if moderator.is_invited or not permissions.may_decide(moderator, comment):
        return
    with transaction():
        # One comment at a time: else two would both be the tenth of an hour, or begin a summary.
        found = db.session.get(
            Moderator, moderator.id, populate_existing=True, with_for_update={"key_share": True}
        )
        if found is None:
            return
        if found.is_daily:
            _sum_up(found, comment, digest.next_morning(clock.now()))
        elif notices.mailed_within(found, HOUR) >= MOST_AN_HOUR:
            _sum_up(found, comment, clock.now() + HOUR)
        elif (noted := notices.note(comment, found)) is not None:
            queue.add("notice", {"notice_id": noted.id})


def send(moderator_id: int, due: str) -> None:
    """Mail what waits, and what has appeared. Raises Failed, Hopeless.

    Killed before that is noted, it is sent again under the same Message-ID.
    """
    moderator, until = db.session.get(Moderator, moderator_id), clock.now()
    if moderator is None:
        return
    if moderator.notices is not Notices.OFF:
        sites = permissions.sites_of(moderator)
        waiting = comments.read(State.PENDING, sites=sites, limit=SHOWN)
        total = comments.totals(sites)[State.PENDING]
        new = wanted.news(moderator, notices.waiting(moderator))
        if waiting.comments or new:
            _mail(moderator, waiting.comments, total, new, due)
    with transaction():
        notices.told(moderator, until=until)


def _mail(
    moderator: Moderator,
    waiting: list[Comment],
    total: int,
    new: list[Comment],
    due: str,
) -> None:
    with i18n.speaking(language.of(moderator)):
        appeared = ngettext("%(n)s new comment", "%(n)s new comments", len(new))
        wait = ngettext("%(n)s comment waits for you", "%(n)s comments wait for you", total)
        letter.send(
            Letter(
                to=moderator.email,
                subject=wait if total else appeared,
                name="summary",
                about=f"summary.{moderator.id}.{due}",
                values={
                    "comments": [
                        (words.name(comment), words.title(comment), _site(comment))
                        for comment in waiting
                    ],
                    "appeared": appeared,
                    "new": [
                        (notice.subject_for(comment, moderator), _site(comment))
                        for comment in new[:SHOWN]
                    ],
                    "desk": f"{config.public_url()}/admin/",
                },
            )
        )


def _site(comment: Comment) -> str:
    return directory.by_id(comment.site_id).name


def _sum_up(moderator: Moderator, comment: Comment, due: dt.datetime) -> None:
    notices.note(comment, moderator, waits=True)
    # One that is due later than any is was noted by a clock that was wrong.
    now = clock.now()
    if moderator.summary is not None and now < moderator.summary <= now + LONGEST:
        return
    moderator.summary = due
    named = f"{due:%Y%m%d%H%M%S}"
    queue.add("summary", {"moderator_id": moderator.id, "due": named}, due=due)
