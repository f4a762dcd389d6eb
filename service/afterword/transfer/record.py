"""What every importer makes of its file: normal records, whatever system they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from afterword.threads.models import Format, State


class BadFile(Exception):
    """A file that cannot be imported; says the line. Nothing was written."""


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """A page as the file has it; pages that are not named come into being with their comments.

    ``key`` is said only for a page that its address alone would not find again.
    """

    url: str
    page_id: str | None = None
    key: str | None = None
    title: str | None = None
    is_open: bool = True
    aliases: tuple[str, ...] = ()
    created: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CommentRecord:
    """A comment as the file has it. ``line`` is where, for messages."""

    line: int
    id: str
    page_url: str
    text: str
    created: dt.datetime
    page_id: str | None = None
    page_key: str | None = None
    page_title: str | None = None
    parent: str | None = None
    name: str = ""
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
    reactions: dict[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteRecord:
    """What the file says of its site."""

    key: str = ""
    origins: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


Record = PageRecord | CommentRecord | SiteRecord


class Importer(Protocol):
    """A format: how its files begin, and what is in them."""

    name: str

    def detects(self, start: bytes) -> bool:
        """Whether a file that begins so is of this format."""

    def records(self, file: BinaryIO) -> Iterable[Record]:
        """The records of a file, in its order, one at a time. Raises BadFile."""
