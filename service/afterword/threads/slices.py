"""Which part of a thread is asked for: order, size, and where to go on (keyset paging)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

from afterword.core import clock, ids
from afterword.core.errors import BadRequest

DEFAULT_LIMIT = 50
MOST = 100


class Sort(StrEnum):
    """Orders of a page's roots. Replies are always oldest first: they read as a conversation."""

    OLDEST = "oldest"
    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True)
class Cursor:
    """The last comment that was sent: the next slice begins behind it, whatever arrived since."""

    at: dt.datetime | float
    id: str

    def __str__(self) -> str:
        at = clock.text(self.at) if isinstance(self.at, dt.datetime) else repr(self.at)
        return base64.urlsafe_b64encode(f"{at} {self.id}".encode()).decode().rstrip("=")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One reader's question. Hashable: it names a variant in the cache."""

    sort: Sort = Sort.OLDEST
    after: Cursor | None = None
    around: str | None = None
    limit: int = DEFAULT_LIMIT
    since: int | None = None  # a version of the page: only what changed after it

    @property
    def is_first(self) -> bool:
        """Whether it is one of the few slices that a thread begins with.

        Of the others there are as many as moments: whoever invents cursors gets one for each.
        """
        return self.after is None and self.around is None and self.since is None


def read(
    *,
    sort: str | None = None,
    after: str | None = None,
    around: str | None = None,
    limit: str | None = None,
    since: str | None = None,
) -> Slice:
    """The slice that these query parameters ask for. Raises BadRequest for what makes no sense."""
    order = _sort(sort)
    if around is not None and not ids.is_id(around):
        raise BadRequest("That is not the id of a comment.", fields={"around": "not an id"})
    return Slice(
        sort=order,
        after=cursor(after, best=order is Sort.BEST),
        around=around,
        limit=_limit(limit),
        since=_since(since),
    )


def cursor(written: str | None, *, best: bool = False) -> Cursor | None:
    """The cursor that an earlier answer gave. Raises BadRequest for any other text."""
    if not written:
        return None
    try:
        padded = written + "=" * (-len(written) % 4)
        at, comment_id = base64.b64decode(padded, b"-_", validate=True).decode("ascii").split(" ")
        place = Cursor(float(at) if best else clock.parse(at), comment_id)
    except (ValueError, binascii.Error):
        raise _no_place() from None
    if not ids.is_id(comment_id) or (best and math.isnan(float(at))):
        raise _no_place()
    return place


def _no_place() -> BadRequest:
    return BadRequest("That place in the thread does not exist.", fields={"after": "not a cursor"})


def _sort(written: str | None) -> Sort:
    try:
        return Sort(written or Sort.OLDEST)
    except ValueError:
        raise BadRequest(
            "Comments can be sorted by oldest, newest or best.", fields={"sort": "unknown"}
        ) from None


def _since(written: str | None) -> int | None:
    if not written:
        return None
    version = ids.number(written)
    if version is None:
        raise BadRequest("A version is a whole number.", fields={"since": "not a version"})
    return version


def _limit(written: str | None) -> int:
    if not written:
        return DEFAULT_LIMIT
    limit = ids.number(written)
    if limit is None:
        raise BadRequest("The limit must be a whole number.", fields={"limit": "not a number"})
    return max(1, min(limit, MOST))
