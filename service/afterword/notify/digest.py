"""One mail a day to readers who want no more: all that is new of what they follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import select

from afterword.core import clock, config, i18n
from afterword.core.db import db, transaction
from afterword.core.i18n import ngettext
from afterword.identity import accounts
from afterword.jobs import queue
from afterword.notify import readers, words
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads import subscriptions
from afterword.threads.models import Comment, Subscription
from afterword.threads.subscriptions import Waiting

DAILY_AT: Final = dt.time(7, tzinfo=clock.UTC)
SHOWN: Final = 50
EXCERPT: Final = 300


@dataclass(frozen=True)
class Part:
    """What is new on one page, and the link that ends being told of it."""

    title: str
    site: str
    page: str
    comments: list[tuple[str, str, str]]  # who, what they said, where
    end: str


def next_morning(now: dt.datetime) -> dt.datetime:
    """When the next mail that sums a day up is due."""
    today = dt.datetime.combine(now.date(), DAILY_AT)
    return today if now < today else today + dt.timedelta(days=1)


def schedule(found: Sequence[Subscription]) -> None:
    """See to it that the next digest to their readers comes, of whom each has one of these.

    Inside a transaction.
    """
    now = clock.now()
    due = next_morning(now)
    named = f"{due:%Y%m%d%H%M%S}"
    come = subscriptions.of_next_digest([one.email for one in found], now=now)
    new = [one for one in found if one.email not in come]
    for one in new:
        one.digest = due
    queue.add_all("digest", [{"subscription_id": one.id, "due": named} for one in new], due=due)


def send(subscription_id: str, due: str) -> None:
    """Mail what waits, and note that it was. Raises Failed, Hopeless.

    Killed between the two it is sent again, under the same Message-ID.
    """
    subscription = db.session.get(Subscription, subscription_id)
    if subscription is None:
        return
    # What waited before its reader chose to be mailed at once comes with the others.
    together = subscriptions.of_proved(subscription.email)
    waiting = subscriptions.waiting(together)
    if waiting:
        _mail(subscription, _shown(waiting, together), due, is_more=len(waiting) > SHOWN)
    with transaction():
        subscriptions.told(waiting)


def _shown(
    waiting: list[Waiting], together: list[Subscription]
) -> list[tuple[Comment, Subscription]]:
    """The first of them, in this order."""
    first = waiting[:SHOWN]
    rows = select(Comment).where(Comment.id.in_({one.comment_id for one in first}))
    comments = {one.id: one for one in db.session.scalars(rows)}
    by_id = {one.id: one for one in together}
    return [(comments[one.comment_id], by_id[one.subscription_id]) for one in first]


def _mail(
    to: Subscription, shown: list[tuple[Comment, Subscription]], due: str, *, is_more: bool
) -> None:
    many = len(shown)
    end = _end(subscriptions.token(to, is_digest=True))
    with i18n.speaking(accounts.language(to.email) or to.language):
        readers.mail(
            Letter(
                to=to.email,
                subject=ngettext("%(n)s new comment", "%(n)s new comments", many),
                name="digest",
                about=f"digest.{to.id}.{due}",
                unsubscribe=end,
                values={"parts": list(_parts(shown)), "is_more": is_more, "end": end},
            )
        )


def _parts(waiting: list[tuple[Comment, Subscription]]) -> Iterator[Part]:
    for _, rows in groupby(waiting, key=lambda row: row[0].page_id):
        found = list(rows)
        first, subscription = found[0]
        yield Part(
            title=words.title(first),
            site=directory.by_id(first.site_id).name,
            page=f"{config.public_url()}/c/{first.id}",
            comments=[
                (words.name(one), _short(one), f"{config.public_url()}/c/{one.id}")
                for one, _ in found
            ],
            end=_end(subscriptions.token(subscription)),
        )


def _short(comment: Comment) -> str:
    said = " ".join(words.of(comment).split())
    return said if len(said) <= EXCERPT else f"{said[:EXCERPT].rstrip()} …"


def _end(token: str) -> str:
    return f"{config.public_url()}/me/unsubscribe/{token}"
