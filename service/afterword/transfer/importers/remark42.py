"""Remark42: the backup, a header and then a comment an object, also several joined to one file."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import BadFile, json
from afterword.transfer.reading.fields import Fields, page_address
from afterword.transfer.record import CommentRecord, PageRecord, Record
from afterword.transfer.sniff import Sample


class Remark42:
    """Comments with their whole addresses, in Markdown where it was kept."""

    name = "remark42"
    lineage = "remark42"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        return start.startswith(b"{") and (
            b'"locator"' in start or (b'"version"' in start[:40] and b'"users"' in start[:60])
        )

    def records(self, file: BinaryIO) -> Iterator[Record]:
        for number, one in enumerate(json.values(file), start=1):
            said = Fields(one)
            if "locator" in said:
                yield _comment(said, number)
            elif "version" in said:
                yield from _closed(said)
            else:
                raise BadFile(f"object {number}: neither a header nor a comment of Remark42")


def _closed(header: Fields) -> Iterator[PageRecord]:
    for page in header.each("posts"):
        if page.flag("read_only"):
            yield PageRecord(url=page_address(page.text("url")), is_open=False)


def _comment(said: Fields, number: int) -> CommentRecord:
    user = said.of("user")
    is_deleted = said.flag("delete")
    # Remark42 stores it escaped, as if it were HTML: quotations would be none, nor code itself.
    markdown = html.unescape(said.words("orig"))
    up, down = _votes(said)
    return CommentRecord(
        at=f"object {number}, comment {said.text('id')}",
        id=said.text("id"),
        page_url=page_address(said.of("locator").text("url")),
        page_title=said.text("title") or None,
        projects=(said.of("locator").text("site"),),
        parent=said.text("pid") or None,
        text="" if is_deleted else markdown.strip() or said.words("text"),
        format=Format.MARKDOWN if markdown.strip() else Format.HTML,
        created=moments.read(said.raw("time")),
        edited=moments.read(said.of("edit").raw("time")),
        name="" if is_deleted else html.unescape(user.text("name")),
        username=user.text("id") or None,
        is_moderator=user.flag("admin") and not is_deleted,
        is_pinned=said.flag("pin"),
        state=State.REMOVED if is_deleted else State.VISIBLE,
        up=up,
        down=down,
    )


def _votes(said: Fields) -> tuple[int, int]:
    """Votes for and against; of the score alone only the difference is known."""
    votes = said.raw("votes")
    if isinstance(votes, dict) and votes:
        up = sum(one is True for one in votes.values())
        return up, len(votes) - up
    score = said.number("score")
    return max(score, 0), max(-score, 0)
