"""Guessing at passwords is slowed down, twice as much with each try; nobody is locked out by it.

Tries are counted by account and network together. For one account from everywhere they are counted
as well, against guesses from many networks; but not from a browser in which this account logged in
before ("device cookies", https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_
Device_Cookies): so a stranger who keeps guessing cannot keep its owner out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import db, insist, transaction
from afterword.core.errors import RateLimited
from afterword.core.i18n import ngettext
from afterword.identity.models import Try
from afterword.markup import plain

FIRST_WAIT: Final = dt.timedelta(seconds=30)
KEPT: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class _Measure:
    free: int  # tries before one waits
    longest: dt.timedelta  # that one waits

    def wait(self, count: int) -> dt.timedelta:
        """How long after the last of so many tries the next may follow."""
        if count < self.free:
            return dt.timedelta()
        doublings = min(count - self.free, 20)
        return min(FIRST_WAIT * (1 << doublings), self.longest)


_OWN: Final = _Measure(5, dt.timedelta(hours=1))
_EVERYWHERE: Final = _Measure(50, dt.timedelta(minutes=5))


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Who tries to get in: from which network, and in which known browser of the account."""

    email: str
    network: str
    device: str | None = None
    at: str = "password"  # each step has its own count: the first done right must not free both

    @property
    def own(self) -> str:
        """What this browser's tries are counted by; it is free again once one was right."""
        where = f"device {self.device}" if self.device else f"network {self.network}"
        return _key(f"{self._account} {where}")

    @property
    def everywhere(self) -> str:
        """What those of all browsers that nobody knows are counted by."""
        return _key(f"{self._account} everywhere")

    @property
    def _account(self) -> str:
        return f"{self.at} {plain.kept_email(self.email)}"


def count(guess: Guess) -> None:
    """Count a try, before it is known to be right: many at once count like many in a row.

    One that has to wait is not counted. Raises RateLimited, with the seconds to wait.
    """
    measures = {guess.own: _OWN}
    if guess.device is None:
        measures[guess.everywhere] = _EVERYWHERE
    insist(lambda: _count(measures))


def forget(guess: Guess) -> None:
    """A try was right: the next wrong one is the first again."""
    with transaction() as session:
        session.execute(delete(Try).where(Try.key == guess.own))


def _count(measures: dict[str, _Measure]) -> None:
    now = clock.now()
    with transaction() as session:
        session.execute(
            delete(Try).where(Try.last < now - KEPT).execution_options(synchronize_session=False)
        )
        held = {key: session.get(Try, key, with_for_update=True) for key in sorted(measures)}
        # Of two at once one may have looked at the clock before the other's try: where none is to
        # wait, that is no reason to.
        ends = [
            one.last + due
            for key, one in held.items()
            if one is not None and (due := measures[key].wait(one.count))
        ]
        wait = max((end - now for end in ends), default=dt.timedelta())
        if wait > dt.timedelta():
            raise RateLimited(_said(wait), retry_after=max(1, round(wait.total_seconds())))
        for key, one in held.items():
            if one is None:
                db.session.add(Try(key=key, count=1, last=now))
            else:
                one.count, one.last = one.count + 1, now


def _said(wait: dt.timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 90:
        return ngettext(
            "That was wrong too often. The next try counts in %(n)s second.",
            "That was wrong too often. The next try counts in %(n)s seconds.",
            seconds,
        )
    return ngettext(
        "That was wrong too often. The next try counts in %(n)s minute.",
        "That was wrong too often. The next try counts in %(n)s minutes.",
        -(-seconds // 60),
    )


def _key(text: str) -> str:
    # A network's address is stored nowhere: only what nobody can name it by without our key.
    return signing.keyed("tries", "", text)
