"""What every importer makes of its file: normal records, whatever system they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from afterword.threads.models import Format, Mention, State
from afterword.transfer.sniff import Sample


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """A page as the file has it; pages that are not named come into being with their comments.

    ``url`` may be a path on the site. ``key`` is said only for a page that its address alone would
    not find again. ``moved`` has those of its older keys from which it moved, the first one first,
    with the addresses that it had there. A page that is not ``is_named`` has its title and address
    by what its visitors said.
    """

    url: str
    page_id: str | None = None
    key: str | None = None
    title: str | None = None
    is_named: bool = True
    is_open: bool = True
    reopened: dt.datetime | None = None
    aliases: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    post: str | None = None  # on the fediverse
    created: dt.datetime | None = None
    projects: tuple[str, ...] = ()  # as a comment's


@dataclass(frozen=True, kw_only=True)
class CommentRecord:
    """A comment as the file has it.

    ``at`` is where, for messages: ``line 7``, ``post 1234``. ``created`` is None where the file's
    date makes no sense: it then takes that of its neighbour, and ``is_dated`` says no. ``our_id``
    is the id that the comment had here when we wrote the file, in a format with other ids. What was
    said of its page with it, and readers do not know yet, is ``waiting_title`` and ``waiting_url``.
    """

    at: str
    id: str
    page_url: str
    text: str
    created: dt.datetime | None
    is_dated: bool = True
    our_id: str | None = None
    page_id: str | None = None
    page_key: str | None = None
    page_title: str | None = None
    waiting_title: str | None = None
    waiting_url: str | None = None
    projects: tuple[str, ...] = ()  # what the file may hold several of: sites, domains, projects
    parent: str | None = None
    name: str = ""
    username: str | None = None  # only to be recognised by, see ``--admin-author``
    email: str | None = None
    website: str | None = None
    author_key: str | None = None
    format: Format = Format.MARKDOWN
    state: State = State.VISIBLE
    edited: dt.datetime | None = None
    up: int = 0
    down: int = 0
    is_pinned: bool = False
    is_moderator: bool = False
    is_verified: bool = False
    lang: str | None = None
    quote: str | None = None
    quote_prefix: str | None = None
    quote_suffix: str | None = None
    source: str | None = None
    mention: Mention | None = None
    said: dt.datetime | None = None  # there
    reactions: dict[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SkippedRecord:
    """A row of the file that is no comment, or none that can be kept; ``reason`` is a code."""

    at: str
    id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WarningRecord:
    """What the owner should know of the file, and is no row of it."""

    said: str


@dataclass(frozen=True, kw_only=True)
class SiteRecord:
    """What the file says of its site."""

    key: str = ""
    origins: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


Record = PageRecord | CommentRecord | SkippedRecord | WarningRecord | SiteRecord


class Importer(Protocol):
    """A format: how its files look, and what is in them."""

    name: str
    # Names the system that gave the ids, the same for all its formats: an id of it that came
    # before, by whatever file, is not taken twice. Empty: the ids are our own and are kept.
    lineage: str

    def detects(self, sample: Sample) -> bool:
        """Whether a file that looks so is of this format."""

    def records(self, file: BinaryIO) -> Iterable[Record]:
        """The records of a file, in its order, one at a time. Raises BadFile."""
