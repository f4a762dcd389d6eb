"""A table with a header: what a script or a spreadsheet can write, and our own table again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.threads.models import Format, State
from afterword.transfer import moments, own
from afterword.transfer.reading import table
from afterword.transfer.reading.fields import Fields, address
from afterword.transfer.record import CommentRecord, Record
from afterword.transfer.sniff import Sample

_NEEDED = (("page_url", "page"), ("text",), ("created",))
_STATES = {
    **{state.value: state for state in State},
    **dict.fromkeys(("", "approved", "published", "1", "true"), State.VISIBLE),
    **dict.fromkeys(("deleted", "trash", "trashed"), State.REMOVED),
}


class Csv:
    """Columns with the names of our own format; ``page_url text created`` are needed."""

    name = "csv"
    lineage = ""

    def detects(self, sample: Sample) -> bool:
        first = sample.start.partition(b"\n")[0].lower()
        return (b"page_url" in first or b"page" in first) and b"text" in first and b"{" not in first

    def records(self, file: BinaryIO) -> Iterator[Record]:
        for number, row in enumerate(table.rows(file, *_NEEDED), start=2):
            said = Fields({name.lower(): cell for name, cell in row.items()})
            yield _comment(said, number, is_ours=row.keys() >= set(own.COLUMNS))


def _comment(said: Fields, number: int, *, is_ours: bool) -> CommentRecord:
    url = said.text("page_url", "page")
    # Scripts may count anew on every page, and every one from 1: only our own ids are unique.
    on = "" if is_ours else f"{said.text('page_id') or _key(url)}#"
    own_id, parent = said.text("id"), said.text("parent")
    whole = "\0".join([url, said.text("created"), said.text("name"), said.words("text")])
    return CommentRecord(
        at=f"row {number}",
        # Without an id of its own a row is known again by what it says.
        id=on + own_id if own_id else hashlib.sha256(whole.encode()).hexdigest(),
        page_url=url,
        page_id=said.text("page_id") or None,
        page_title=said.text("page_title") or None,
        parent=on + parent if parent else None,
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
        quote=said.text("quote") or None,
        up=said.votes("up"),
        down=said.votes("down"),
    )


def _key(url: str) -> str:
    try:
        return urls.page_key(url)
    except BadUrl:  # a path, perhaps
        return url.partition("#")[0].rstrip("/")


def _state(written: str) -> State:
    """What is none that is known waits for its owner, who knows what was meant."""
    return _STATES.get(written.lower(), State.PENDING)


def _format(written: str) -> Format:
    return Format.HTML if written == Format.HTML else Format.MARKDOWN
