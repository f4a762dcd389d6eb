"""Our own format, JSON lines: what ``export`` writes, and what a script can write. docs/api.md."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from afterword.core import clock
from afterword.threads.models import Format, Mention, State
from afterword.transfer import moments
from afterword.transfer.reading import BadFile, position
from afterword.transfer.reading.json import storable
from afterword.transfer.record import CommentRecord, PageRecord, Record, SiteRecord
from afterword.transfer.sniff import Sample

VERSION = 1
MOST_LINE = 16 * 1024 * 1024


class Native:
    """JSON lines: a header, then pages and comments in any order."""

    name = "native"
    lineage = ""

    def detects(self, sample: Sample) -> bool:
        first = sample.start.partition(b"\n")[0]
        return first.startswith(b"{") and (b'"afterword"' in first or b'"page_url"' in first)

    def records(self, file: BinaryIO) -> Iterator[Record]:
        number = 0
        while written := file.readline(MOST_LINE + 1):
            number += 1
            if len(written) > MOST_LINE:
                raise BadFile(f"line {number}, column 1: longer than {MOST_LINE // 2**20} MiB")
            try:
                line = written.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                column = len(error.object[: error.start].decode()) + 1
                raise BadFile(f"line {number}, column {column}: not UTF-8") from None
            if line.strip():
                yield _Line(number, line).record()


class _Line:
    """One line of the file; every refusal says where."""

    def __init__(self, number: int, written: str) -> None:
        self._number = number
        self._written = written
        self._said: dict[str, Any] = {}
        try:
            said = json.loads(written)
            said = storable(said) if "\\u" in written else said
        except json.JSONDecodeError as error:
            raise BadFile(f"line {number}, column {error.colno}: not well-formed JSON") from None
        except (ValueError, RecursionError):
            raise self._bad("not well-formed JSON") from None
        if not isinstance(said, dict):
            raise self._bad("not an object")
        self._said = said

    def record(self) -> Record:
        if "afterword" in self._said:
            return self._header()
        match self._said.get("type"):
            case "page":
                return self._page()
            case "comment":
                return self._comment()
        raise self._bad('the type must be "page" or "comment"', "type")

    def _header(self) -> SiteRecord:
        if self._said["afterword"] != VERSION:
            version = self._said["afterword"]
            raise self._bad(f"version {version!r} is not known, only {VERSION}", "afterword")
        site = self._field("site", dict, {})
        options = site.get("options", {})
        if not isinstance(options, dict):
            raise self._bad("the options of the site must be an object", "site")
        origins = site.get("origins", [])
        if not isinstance(origins, list) or not all(isinstance(one, str) for one in origins):
            raise self._bad("the origins of the site must be texts", "site")
        key = site.get("key", "")
        return SiteRecord(key=str(key), origins=tuple(origins), options=options)

    def _page(self) -> PageRecord:
        aliases = self._field("aliases", list, [])
        if not all(isinstance(alias, str) for alias in aliases):
            raise self._bad("aliases must be texts", "aliases")
        return PageRecord(
            url=self._needed("url"),
            page_id=self._field("page_id", str),
            key=self._field("key", str),
            title=self._field("title", str),
            is_named=self._field("is_named", bool, True),
            is_open=self._field("is_open", bool, True),
            reopened=self._moment("reopened"),
            aliases=tuple(aliases),
            moved=self._moves(),
            post=self._field("post", str),
            created=self._moment("created"),
        )

    def _moves(self) -> tuple[tuple[str, str], ...]:
        ways: list[tuple[str, str]] = []
        for one in self._field("moved", list, []):
            match one:
                case {"key": str(key), "url": str(url)}:
                    ways.append((key, url))
                case _:
                    raise self._bad("moved must be keys with urls")
        return tuple(ways)

    def _comment(self) -> CommentRecord:
        author = self._field("author", dict)
        if author is None:
            raise self._bad("author is missing", "author")
        return CommentRecord(
            at=f"line {self._number}",
            id=self._id("id") or self._needed("id"),
            page_url=self._needed("page_url"),
            page_id=self._field("page_id", str),
            page_key=self._field("page_key", str),
            page_title=self._field("page_title", str),
            waiting_title=self._field("waiting_title", str),
            waiting_url=self._field("waiting_url", str),
            parent=self._id("parent"),
            text=self._needed("text", may_be_empty=True),
            name=self._of(author, "name") or "",
            email=self._of(author, "email"),
            website=self._of(author, "website"),
            author_key=self._of(author, "key"),
            created=self._created(),
            edited=self._moment("edited"),
            format=self._choice("format", Format, Format.MARKDOWN),
            state=self._choice("state", State, State.VISIBLE),
            up=self._count("up"),
            down=self._count("down"),
            is_pinned=self._field("pinned", bool, False),
            is_moderator=self._field("is_moderator", bool, False),
            is_verified=self._field("is_verified", bool, False),
            lang=self._field("lang", str),
            quote=self._field("quote", str),
            quote_prefix=self._field("quote_prefix", str),
            quote_suffix=self._field("quote_suffix", str),
            source=self._field("source", str),
            mention=self._choice("mention", Mention, None),
            said=self._moment("said"),
            reactions=self._reactions(),
            reasons=self._reasons(),
        )

    def _field(self, name: str, kind: type, default: Any = None) -> Any:
        value = self._said.get(name)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self._bad(f"{name} is of the wrong type", name)
        return value

    def _needed(self, name: str, *, may_be_empty: bool = False) -> str:
        value = self._field(name, str)
        if value is None or not (value or may_be_empty):
            raise self._bad(f"{name} is missing", name)
        return str(value)

    def _id(self, name: str) -> str | None:
        """Scripts take them from databases, where they are whole numbers."""
        value = self._said.get(name)
        return str(value) if type(value) is int else self._field(name, str)

    def _of(self, author: dict[str, Any], name: str) -> str | None:
        value = author.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._bad(f"the author's {name} is of the wrong type", "author")

    def _created(self) -> dt.datetime | None:
        """As ``export`` writes it, else as other systems do; None where it makes no sense."""
        written = self._said.get("created")
        with contextlib.suppress(ValueError):
            if isinstance(written, str):
                return clock.parse(written)
        return moments.read(written)

    def _moment(self, name: str) -> dt.datetime | None:
        written = self._field(name, str)
        if written is None:
            return None
        try:
            return clock.parse(written)
        except ValueError:
            raise self._bad(f"{name} must be a time like 2026-11-23T06:02:39Z", name) from None

    def _count(self, name: str) -> int:
        number = self._field(name, int, 0)
        if not 0 <= number < 2**31:
            raise self._bad(f"{name} must be a number of votes", name)
        return int(number)

    def _choice(self, name: str, kind: Callable[[str], Any], default: Any) -> Any:
        written = self._field(name, str)
        try:
            return default if written is None else kind(written)
        except ValueError:
            raise self._bad(f"{name} cannot be {written!r}", name) from None

    def _reactions(self) -> dict[str, int]:
        found = self._field("reactions", dict, {})
        if not all(type(number) is int and number >= 0 for number in found.values()):
            raise self._bad("reactions must be numbers by name", "reactions")
        return dict(found)

    def _reasons(self) -> tuple[str, ...]:
        found = self._field("reasons", list, [])
        if not all(isinstance(reason, str) for reason in found):
            raise self._bad("reasons must be texts", "reasons")
        return tuple(found)

    def _bad(self, why: str, field: str | None = None) -> BadFile:
        """A refusal at the value of a field, or where the line begins to say something."""
        begin = len(self._written) - len(self._written.lstrip()) + 1
        column = position.of_fields(self._written).get(field, begin) if field else begin
        return BadFile(f"line {self._number}, column {column}: {why}")
