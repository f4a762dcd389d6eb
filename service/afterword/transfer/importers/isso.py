"""Isso: its SQLite database as it lies, and the "generic" JSON that its own importer takes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import json, sqlite
from afterword.transfer.reading.fields import Fields, is_html, page_address
from afterword.transfer.record import CommentRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

_STATES = {1: State.VISIBLE, 2: State.PENDING, 4: State.REMOVED}
_COMMENTS = """
    SELECT comments.*, threads.uri AS uri, threads.title AS title
    FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.id
"""


class Isso:
    """Threads by their paths, and comments in Markdown, or in HTML where Isso imported them."""

    name = "isso"
    lineage = "isso"

    def detects(self, sample: Sample) -> bool:
        if sample.tables:
            return {"threads", "comments"} <= sample.tables
        start = sample.start
        return start.startswith(b"[") and b'"comments"' in start and b'"remote_addr"' in start

    def records(self, file: BinaryIO) -> Iterator[Record]:
        if sqlite.is_one(file):
            yield from _of_database(file)
        else:
            yield from _generic(file)


def _of_database(file: BinaryIO) -> Iterator[Record]:
    with sqlite.opened(file) as database:
        for row in database.execute(_COMMENTS):
            yield _comment(dict(row))


def _comment(row: dict[str, object]) -> Record:
    said = Fields(row)
    own_id = said.text("id")
    at = f"comment {own_id}"
    if "uri" not in said:
        return SkippedRecord(at=at, id=own_id, reason="no_page")
    text = said.words("text")
    return CommentRecord(
        at=at,
        id=own_id,
        page_url=page_address(said.text("uri")),
        page_title=said.text("title") or None,
        parent=said.text("parent") or None,
        text=text,
        format=Format.HTML if is_html(text) else Format.MARKDOWN,
        created=moments.read(said.raw("created")),
        edited=moments.read(said.raw("modified")),
        # Isso escapes what stands here before it stores it, and the text when it shows it.
        name=html.unescape(said.text("author")),
        email=html.unescape(said.text("email")) or None,
        website=html.unescape(said.text("website")) or None,
        state=_STATES.get(said.number("mode"), State.PENDING),
        up=said.votes("likes"),
        down=said.votes("dislikes"),
    )


def _generic(file: BinaryIO) -> Iterator[Record]:
    for number, one in enumerate(json.items(file), start=1):
        thread = Fields(one)
        for said in thread.each("comments"):
            # Numbers are unique within a thread alone.
            prefix = f"{thread.text('id')}#"
            parent = said.text("parent")
            text = said.words("text")
            yield CommentRecord(
                at=f"thread {number}, comment {said.text('id')}",
                id=prefix + said.text("id"),
                page_url=page_address(thread.text("id")),
                page_title=thread.text("title") or None,
                parent=prefix + parent if parent else None,
                text=text,
                format=Format.HTML if is_html(text) else Format.MARKDOWN,
                created=moments.read(said.raw("created")),
                name=said.text("author"),
                email=said.text("email") or None,
                website=said.text("website") or None,
            )
