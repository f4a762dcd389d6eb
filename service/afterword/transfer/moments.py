"""Dates of other systems, in every way in which they were seen written."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from afterword.core import clock

# Seconds since 1970 reach this in the year 5138; milliseconds passed it in 1973.
_MILLISECONDS_FROM = 10**11
_NEVER = 1970  # and the years before: nobody commented on a page then
_WRAPPED = ("$numberLong", "$numberDouble", "$numberInt", "$date", "iso")
# ``2021-10-28 20:50:15 +0800``: neither blanks before the zone nor one without colon are ISO, nor
# are the names of zones; Go writes one after the figures.
_LOOSE = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?"
    r"\s*(?:(Z|[+-]\d\d:?\d\d)(?: [A-Z]{3,4})?|UTC|GMT)?"
)
_SLASHES = re.compile(r"(\d{4})/(\d\d?)/(\d\d?)(?!\d)")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# ``Mon May 18 2026 12:30:29 GMT+0000 (Coordinated Universal Time)``
_JAVASCRIPT = re.compile(r"\w{3} (\w{3} \d{2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})")


def read(said: Any, *, zone: dt.tzinfo = clock.UTC) -> dt.datetime | None:
    """The moment that a file says, None where it makes no sense.

    Takes seconds or milliseconds since 1970, as numbers or as text; ISO 8601 and RFC 2822 dates,
    JavaScript's ``toString()``, and the objects in which MongoDB and LeanCloud wrap them. A date
    without zone is one of ``zone``. The year 1 is how Go writes that there is none, 0 how
    others do, which is a moment of 1970.
    """
    while isinstance(said, dict):
        said = next((said[key] for key in _WRAPPED if key in said), None)
    moment = None
    with contextlib.suppress(ValueError, OverflowError, OSError, TypeError):
        moment = _moment(said, zone)
    return None if moment is None or moment.year <= _NEVER else moment


def _moment(said: Any, zone: dt.tzinfo) -> dt.datetime | None:
    if isinstance(said, bool) or said is None:
        return None
    if isinstance(said, dt.datetime):
        return _aware(said, zone)
    if isinstance(said, dt.date):
        return _aware(dt.datetime(said.year, said.month, said.day), zone)  # noqa: DTZ001
    if isinstance(said, int | float | Decimal):
        return _since_1970(float(said))
    written = str(said).strip()
    if _NUMBER.fullmatch(written):
        return _since_1970(float(written))
    return _aware(_written(written), zone)


def _since_1970(number: float) -> dt.datetime:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    # Not fromtimestamp: it cuts what binary fractions lack, and 1.001 becomes 1.000.
    return dt.datetime(1970, 1, 1, tzinfo=clock.UTC) + dt.timedelta(
        milliseconds=round(seconds * 1000)
    )


def _written(written: str) -> dt.datetime:
    if found := _LOOSE.fullmatch(written):
        return _loosely(found)
    if found := _JAVASCRIPT.match(written):
        return dt.datetime.strptime(f"{found[1]} {found[2]}", "%b %d %Y %H:%M:%S %z")
    if found := _SLASHES.match(written):
        written = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}{written[found.end() :]}"
        if found := _LOOSE.fullmatch(written):
            return _loosely(found)
    try:
        return dt.datetime.fromisoformat(_FRACTION.sub(r"\1", written))
    except ValueError:
        return parsedate_to_datetime(written)


def _loosely(found: re.Match[str]) -> dt.datetime:
    zone = found[4] or ("Z" if found[0].endswith(("UTC", "GMT")) else "")
    fraction = (found[3] or "")[:7]  # Go writes nanoseconds
    return dt.datetime.fromisoformat(f"{found[1]}T{found[2]}{fraction}{zone}")


def _aware(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return clock.to_milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))
