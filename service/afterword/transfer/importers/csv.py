"""A table with a header: what a script or a spreadsheet can write, and our own table again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import table
from afterword.transfer.reading.fields import Fields, address
from afterword.transfer.record import CommentRecord, Record
from afterword.transfer.sniff import Sample

_NEEDED = (("page_url", "page"), ("text",), ("created",))


class Csv:
    """Columns with the names of our own format; ``page_url text created`` are needed."""

    name = "csv"
    lineage = ""

    def detects(self, sample: Sample) -> bool:
        first = sample.start.partition(b"\n")[0].lower()
        return (b"page_url" in first or b"page" in first) and b"text" in first and b"{" not in first

    def records(self, file: BinaryIO) -> Iterator[Record]:
        for number, row in enumerate(table.rows(file, *_NEEDED), start=2):
            yield _comment(Fields(row), number)


def _comment(said: Fields, number: int) -> CommentRecord:
    url = said.text("page_url", "page")
    whole = "\0".join([url, said.text("created"), said.text("name"), said.words("text")])
    return CommentRecord(
        at=f"row {number}",
        # Without an id of its own a row is known again by what it says.
        id=said.text("id") or hashlib.sha256(whole.encode()).hexdigest(),
        page_url=url,
        page_id=said.text("page_id") or None,
        page_title=said.text("page_title") or None,
        parent=said.text("parent") or None,
        text=said.words("text"),
        format=_format(said.text("format")),
        state=_state(said.text("state")),
        created=moments.read(said.raw("created")),
        edited=moments.read(said.raw("edited")),
        name=said.text("name", "author"),
        email=address(said.text("email")),
        website=said.text("website") or None,
        is_pinned=said.flag("pinned"),
        is_moderator=said.flag("is_moderator"),
        up=said.votes("up"),
        down=said.votes("down"),
    )


def _state(written: str) -> State:
    return State(written) if written in set(State) else State.VISIBLE


def _format(written: str) -> Format:
    return Format.HTML if written == Format.HTML else Format.MARKDOWN
