"""Ask the server of a page's post on the fediverse for replies, again and again, ever less often.

One job a page: each run notes the next one.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from afterword.core import clock, fetch
from afterword.core.db import db, transaction
from afterword.core.fetch import Answer, Unreachable
from afterword.core.i18n import NC_
from afterword.jobs import queue
from afterword.mentions import replies, statuses
from afterword.mentions.models import Followed
from afterword.mentions.replies import GONE, Place
from afterword.mentions.statuses import Nonsense
from afterword.sites import directory
from afterword.sites.options import Fediverse
from afterword.threads.models import Page

DAY: Final = dt.timedelta(days=1)
SOON: Final = dt.timedelta(minutes=1)
WHILE_OFF: Final = dt.timedelta(hours=1)
# The longer nothing new was said, the less often it is asked.
STEPS: Final = (
    (DAY, dt.timedelta(minutes=10)),
    (7 * DAY, dt.timedelta(hours=1)),
    (30 * DAY, dt.timedelta(hours=6)),
)
MOST_ETAG: Final = 200  # characters

NOT_THERE: Final = NC_("fault", "The post is not there any more, or is not public.")
TELLS_NOTHING: Final = NC_("fault", "Its server tells only those who have an account there.")
NOT_UNDERSTOOD: Final = NC_("fault", "Its server gave an answer that is no list of replies.")
AWAY: Final = NC_("fault", "Its server gave no answer, or an error.")
TOO_OFTEN: Final = NC_("fault", "Its server wants to be asked less often.")
MISPLACED: Final = NC_("fault", "The page's address leads to another thread now.")
_FAULTS: Final = {
    **dict.fromkeys(GONE, NOT_THERE),
    **dict.fromkeys((401, 403, 422), TELLS_NOTHING),
    429: TOO_OFTEN,
}

_dice = random.SystemRandom()


@dataclass(frozen=True)
class Run:
    """How it went: what there is to say of it, and when it may go on at the earliest."""

    fault: str | None = None
    wait: dt.timedelta = dt.timedelta(0)
    etag: str | None = None
    is_news: bool = False
    has_more: bool = False


def look(page_id: int, turn: int | None = None) -> None:
    """Ask for the replies to a page's post, and let them come, change and go here.

    Without ``turn`` it begins: a post was linked, or none is any more.
    """
    page, followed = db.session.get(Page, page_id), db.session.get(Followed, page_id)
    if page is None or (turn is not None and (followed is None or followed.turn != turn)):
        return  # another run has noted the one that goes on
    if followed is None or followed.post != page.post:
        followed = _begin(page, followed)
    if followed is None:
        return
    if directory.by_id(page.site_id).options.fediverse is Fediverse.OFF:
        _go_on(page_id, WHILE_OFF)
        return
    _note(page_id, _run(replies.place(page, followed), etag=followed.etag))


def _begin(page: Page, before: Followed | None) -> Followed | None:
    """Another post, or none: what was said below the one before goes."""
    if before is not None:
        replies.withdraw(page.id, post=before.post)
    turn = before.turn + 1 if before is not None else 0
    with transaction() as session:
        if before is not None:
            session.delete(before)
            session.flush()
        if page.post is None:
            return None
        followed = Followed(page_id=page.id, post=page.post, turn=turn)
        session.add(followed)
    return followed


def _run(at: Place, *, etag: str | None) -> Run:
    if not at.is_found:
        return Run(MISPLACED, wait=DAY)
    db.session.commit()  # no connection of ours waits with a stranger's server
    headers = {**replies.HEADERS, "If-None-Match": etag} if etag else replies.HEADERS
    try:
        _, answer = fetch.follow(at.post.replies, headers=headers, limits=replies.LIMITS)
    except Unreachable:
        return Run(AWAY)
    if answer.status == 200:
        return _hear(at, answer)
    if answer.status == 304:
        return Run(etag=etag)
    if answer.status in GONE:
        replies.withdraw(at.page.id, post=at.post.address)
    return Run(_FAULTS.get(answer.status, AWAY), wait=_asked_for(answer))


def _hear(at: Place, answer: Answer) -> Run:
    try:
        told = statuses.replies(answer.body)
    except Nonsense:
        return Run(NOT_UNDERSTOOD)
    taken = replies.take(at, told)
    # While something is left to do, the same answer has to come again.
    etag = answer.etag if taken.is_whole and len(answer.etag or "") <= MOST_ETAG else None
    return Run(etag=etag, is_news=taken.is_news, has_more=taken.has_more)


def _note(page_id: int, run: Run) -> None:
    """Keep how it went, for the owner and for the next run, and note that one."""
    with transaction() as session:
        followed = session.get(Followed, page_id, populate_existing=True)
        if followed is None:
            return
        now = clock.now()
        followed.asked, followed.fault, followed.etag = now, run.fault, run.etag
        followed.failures = followed.failures + 1 if run.fault else 0
        if run.is_news:
            followed.lively = now
        wait = SOON if run.has_more else max(run.wait, _pause(followed))
    _go_on(page_id, wait)


def _go_on(page_id: int, wait: dt.timedelta) -> None:
    with transaction() as session:
        followed = session.get(Followed, page_id)
        if followed is None:
            return  # its page is gone
        followed.turn += 1
        # The dice keep those that failed together from coming back together.
        due = clock.now() + wait * _dice.uniform(1.0, 1.1)
        queue.add("fediverse", {"page_id": page_id, "turn": followed.turn}, due=due)


def _pause(followed: Followed) -> dt.timedelta:
    """The longer the more often it failed in a row, and the longer nothing new was said."""
    quiet = clock.now() - followed.lively
    step = next((pause for until, pause in STEPS if quiet < until), DAY)
    longer: dt.timedelta = step * 2 ** min(followed.failures, 8)
    return min(longer, DAY)


def _asked_for(answer: Answer) -> dt.timedelta:
    """How long a server wants to be left alone (RFC 9110, 10.2.3), a day at most."""
    said = next(iter(answer.said("retry-after")), "")
    try:
        if said.isdecimal():
            wait = dt.timedelta(seconds=int(said[:9]))
        else:
            wait = parsedate_to_datetime(said).astimezone(clock.UTC) - clock.now()
    except (ValueError, OverflowError):
        return dt.timedelta(0)
    return max(dt.timedelta(0), min(wait, DAY))
