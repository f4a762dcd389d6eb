"""What a check says, and what it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from afterword.identity.models import Standing
from afterword.sites.options import Options
from afterword.spam.bayes import Opinion
from afterword.threads.draft import Draft
from afterword.threads.models import State


class Level(IntEnum):
    """How strict a verdict is; the strictest of all checks wins."""

    PASS = 0
    CHALLENGE = 1
    HOLD = 2
    REJECT = 3


@dataclass(frozen=True)
class Verdict:
    """One check's word, with the reason as a sentence for the owner.

    ``suspicion``, from 0 to 1, decides nothing by itself: the learning filter, the challenge and
    the policy that goes by it read what all checks' suspicions make together.
    """

    level: Level
    reason: str = ""
    suspicion: float = 0.0


class Unanswered(Exception):
    """Somebody who was asked gave no verdict. The text says why, for the log."""


PASS = Verdict(Level.PASS)


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What the site knows of who writes: by the author's own secret, never by what was typed."""

    id: str | None = None  # None for one who never wrote here
    standing: Standing = Standing.NORMAL
    # Comments that a moderator let appear, and that still do; no more than
    # ``posting.context.ENOUGH`` are counted.
    approved: int = 0


NOBODY = Writer()


class Exclusion(NamedTuple):
    """A ban that the sender is under."""

    reason: str  # for the owner
    told: str  # to the sender


class Recent(NamedTuple):
    """Another comment of the last day on the same site."""

    created: dt.datetime
    page_id: int
    author_id: str | None
    state: State
    network: str | None
    form: str | None
    sketch: bytes
    cluster: str | None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check may know beside the draft: no database, no request."""

    now: dt.datetime
    options: Options
    html: str
    form_age: float | None  # seconds since the form was opened; None without a valid token
    form_is_elsewhere: bool = False  # it was opened in another network
    form_digest: str | None = None  # of its token
    page_id: int | None = None  # None for a page without comments
    writer: Writer = NOBODY
    exclusion: Exclusion | None = None
    hosts: frozenset[str] = frozenset()  # of the site itself
    names: tuple[str, ...] = ()  # of the moderators and the site, which nobody else may bear
    networks: tuple[str, ...] = ()  # pseudonyms of the sender's network, this month's first
    sketch: bytes = b""  # of the text
    recent: tuple[Recent, ...] = ()  # newest first
    opinion: Opinion | None = None  # of the learning filter
    address: str | None = None  # whence it came; for this look alone, it is stored nowhere
    agent: str = ""  # the browser as it calls itself; likewise
    is_edit: bool = False
    hook_hosts: frozenset[str] = frozenset()  # where a checker may be besides on the Internet

    @property
    def is_known(self) -> bool:
        """Whether the owner trusts this author, or approved as much as the site asks for."""
        if self.writer.standing is Standing.TRUSTED:
            return True
        return self.writer.approved >= self.options.trust_after

    def is_by_sender(self, other: Recent) -> bool:
        """Whether another comment came from the same browser or the same network."""
        is_author = other.author_id is not None and other.author_id == self.writer.id
        return is_author or other.network in self.networks


Check = Callable[[Draft, Context], Verdict]
