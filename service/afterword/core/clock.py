"""The one source of time: aware, UTC, whole milliseconds (so that text and database agree)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

UTC = dt.UTC
# So far a clock that is corrected may be set back without reordering what is there. Beyond that it
# was wrong before, and what it said then should not be gone on with.
SET_BACK = dt.timedelta(hours=2)
MILLISECOND = dt.timedelta(milliseconds=1)


def now() -> dt.datetime:
    """The present moment, cut to milliseconds."""
    return to_milliseconds(dt.datetime.now(UTC))  # noqa: TID251 - this is that one source


def now_after(earlier: dt.datetime | None) -> dt.datetime:
    """The present moment; where the clock was set back, the one after this earlier one."""
    present = now()
    if earlier is not None and present <= earlier <= present + SET_BACK:
        return earlier + MILLISECOND
    return present


def to_milliseconds(moment: dt.datetime) -> dt.datetime:
    """The same moment in UTC without what a millisecond cannot hold."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def later(moment: dt.datetime, by: dt.timedelta) -> dt.datetime | None:
    """The moment after a while; None where no calendar has it."""
    try:
        return moment + by
    except OverflowError:
        return None


def text(moment: dt.datetime) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-11-23T06:02:39.120Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(written: str) -> dt.datetime:
    """The moment that an RFC 3339 text names. Raises ValueError; a time without zone is refused."""
    moment = dt.datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(f"{written!r} has no time zone")
    try:
        return to_milliseconds(moment)
    except OverflowError as error:
        raise ValueError(f"{written!r} is outside the calendar in UTC") from error


class Instant(TypeDecorator[dt.datetime]):
    """A column of aware UTC times. SQLite keeps text of one width, which sorts as the times do."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the base class names it
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
