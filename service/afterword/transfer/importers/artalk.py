"""Artalk: its ``.artrans``, an array whose values may all be texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import State
from afterword.transfer import moments
from afterword.transfer.reading import json
from afterword.transfer.reading.fields import Fields, page_address, website
from afterword.transfer.record import CommentRecord, PageRecord, Record
from afterword.transfer.sniff import Sample

_ROOTS = {"", "0"}


class Artalk:
    """Comments in Markdown with emoticons as pictures; any field may be missing."""

    name = "artalk"
    lineage = "artalk"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        return start.startswith(b"[") and b'"page_key"' in start and b'"content"' in start

    def records(self, file: BinaryIO) -> Iterator[Record]:
        closed: set[tuple[str, str]] = set()
        for number, one in enumerate(json.items(file), start=1):
            said = Fields(one)
            comment = _comment(said, number)
            page = (said.text("site_name"), comment.page_url)
            if said.flag("page_admin_only") and page not in closed:
                closed.add(page)
                yield _closed(comment)
            yield comment


def _closed(comment: CommentRecord) -> PageRecord:
    """The page of a comment, where only its owners might write."""
    return PageRecord(
        url=comment.page_url,
        title=comment.page_title,
        is_open=False,
        projects=comment.projects,
    )


def _comment(said: Fields, number: int) -> CommentRecord:
    parent = said.text("rid")
    return CommentRecord(
        at=f"row {number}, comment {said.text('id')}",
        id=said.text("id") or f"row {number}",
        page_url=page_address(said.text("page_key")),
        page_title=said.text("page_title") or None,
        projects=(said.text("site_name"),),
        parent=parent if parent not in _ROOTS else None,
        text=said.words("content"),
        created=moments.read(said.raw("created_at", "date")),
        name=said.text("nick"),
        email=said.text("email") or None,
        website=website(said.text("link")),
        is_pinned=said.flag("is_pinned"),
        state=State.PENDING if said.flag("is_pending") else State.VISIBLE,
        up=said.votes("vote_up"),
        down=said.votes("vote_down"),
    )
