"""Pseudonyms of the networks that comments come from, which nobody can turn back after a while.

A pseudonym is an HMAC of the /24 or /48 under the key of the month. That key is made from a seed in
the database and the service's own secret, so that neither alone tells anything; the seed is thrown
away when its month and the next one are over, and with it all that could be told.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import addresses, clock, signing
from afterword.core.db import Model, db, transaction

PURPOSE = "network"


class NetworkSeed(Model):
    """What the key of one month is made from."""

    __tablename__ = "network_seeds"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2026-11
    seed: Mapped[str] = mapped_column(String(64))


def pseudonyms(address: str | None) -> tuple[str, ...]:
    """How an address's network is called: this month, and before that last month.

    Makes the month's seed when it is missing, in a transaction of its own. Empty for no address of
    the Internet: all readers come from one where a proxy is in front that we were not told to
    trust, and would be taken for one sender.
    """
    prefix = addresses.prefix(address or "")
    if prefix is None or not addresses.is_of_internet(address or ""):
        return ()
    return tuple(signing.keyed(PURPOSE, seed, prefix) for seed in _seeds(clock.now()))


def forget_old() -> None:
    """Throw away what older months were called by. Inside a transaction."""
    db.session.execute(
        delete(NetworkSeed)
        .where(NetworkSeed.month < _before(clock.now()))
        .execution_options(synchronize_session=False)
    )


def _seeds(now: dt.datetime) -> list[str]:
    """The seeds of this month and of the last, as far as there are."""
    months = (_month(now), _before(now))
    found = _find(months)
    if months[0] not in found:
        found = _add(months)
    return [found[month] for month in months if month in found]


def _find(months: tuple[str, str]) -> dict[str, str]:
    rows = select(NetworkSeed.month, NetworkSeed.seed).where(NetworkSeed.month.in_(months))
    return dict(list(db.session.execute(rows)))


def _add(months: tuple[str, str]) -> dict[str, str]:
    try:
        with transaction() as session:
            if months[0] not in _find(months):
                session.add(NetworkSeed(month=months[0], seed=signing.new_secret()))
                forget_old()
    except IntegrityError:
        pass  # another process was first
    return _find(months)


def _month(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m}"


def _before(moment: dt.datetime) -> str:
    return _month(moment.replace(day=1) - dt.timedelta(days=1))
