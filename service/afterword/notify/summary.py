"""Mails to moderators: one a comment, or one for many."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afterword.core import clock, config, i18n
from afterword.core.db import db, transaction
from afterword.core.i18n import ngettext
from afterword.identity.models import Moderator
from afterword.jobs import queue
from afterword.moderation import notices, permissions
from afterword.moderation import queue as comments
from afterword.notify import digest, letter, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads.models import Comment, State

# Beyond it a flood is under way, which should not be one in the mailbox too.
MOST_AN_HOUR: Final = 10
HOUR: Final = dt.timedelta(hours=1)
SHOWN: Final = 10


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
            _sum_up(found, digest.next_morning(clock.now()))
        elif notices.within(found, HOUR) >= MOST_AN_HOUR:
            _sum_up(found, clock.now() + HOUR)
        elif (notice := notices.note(comment, found)) is not None:
            queue.add("notice", {"notice_id": notice.id})


def send(moderator_id: int, due: str) -> None:
    """Mail what waits. Raises Failed, Hopeless."""
    moderator = db.session.get(Moderator, moderator_id)
    if moderator is None:
        return
    sites = permissions.sites_of(moderator)
    waiting = comments.read(State.PENDING, sites=sites, limit=SHOWN)
    total = comments.totals(sites)[State.PENDING]
    if not waiting.comments:
        return
    with i18n.speaking(moderator.language):
        letter.send(
            Letter(
                to=moderator.email,
                subject=ngettext(
                    "%(n)s comment waits for you", "%(n)s comments wait for you", total
                ),
                name="summary",
                about=f"summary.{moderator.id}.{due}",
                values={
                    "comments": [
                        (words.name(comment), words.title(comment), _site(comment))
                        for comment in waiting.comments
                    ],
                    "desk": f"{config.public_url()}/admin/",
                },
            )
        )


def _site(comment: Comment) -> str:
    return directory.by_id(comment.site_id).name


def _sum_up(moderator: Moderator, due: dt.datetime) -> None:
    if moderator.summary is not None and moderator.summary > clock.now():
        return
    moderator.summary = due
    named = f"{due:%Y%m%d%H%M%S}"
    queue.add("summary", {"moderator_id": moderator.id, "due": named}, due=due)
