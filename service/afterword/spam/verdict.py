"""What a check says, and what it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from afterword.sites.options import Options
from afterword.threads.draft import Draft


class Level(IntEnum):
    """How strict a verdict is; the strictest of all checks wins."""

    PASS = 0
    CHALLENGE = 1
    HOLD = 2
    REJECT = 3


@dataclass(frozen=True)
class Verdict:
    """One check's word, with the reason as a sentence for the owner."""

    level: Level
    reason: str = ""


PASS = Verdict(Level.PASS)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check may know beside the draft: no database, no request."""

    now: dt.datetime
    options: Options
    html: str
    form_age: float | None  # seconds since the form was opened; None without a valid token


Check = Callable[[Draft, Context], Verdict]
