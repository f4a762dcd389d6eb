"""Cusdis: its SQLite database, for it exports nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import State
from afterword.transfer import moments
from afterword.transfer.reading import sqlite
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import CommentRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

# Named one by one: users, tokens and what else is there is nobody's business.
_COMMENTS = """
    SELECT comments.*, pages.id AS page, pages.slug, pages.url, pages.title,
           projects.id AS project, projects.title AS project_title
    FROM comments LEFT JOIN pages ON pages.id = comments.pageId
    LEFT JOIN projects ON projects.id = pages.projectId
    ORDER BY comments.created_at, comments.id
"""


class Cusdis:
    """Projects with pages, which have the id that the tag gave them and perhaps an address."""

    name = "cusdis"
    lineage = "cusdis"

    def detects(self, sample: Sample) -> bool:
        return {"projects", "pages", "comments"} <= sample.tables

    def records(self, file: BinaryIO) -> Iterator[Record]:
        with sqlite.opened(file) as database:
            for row in database.execute(_COMMENTS):
                yield _comment(Fields(dict(row)))


def _comment(said: Fields) -> Record:
    own_id = said.text("id")
    at = f"comment {own_id}"
    if "page" not in said:
        return SkippedRecord(at=at, id=own_id, reason="no_page")
    is_deleted = bool(said.text("deletedAt", "deleted_at"))
    url, page_id = _place(said.text("url"), said.text("slug"))
    return CommentRecord(
        at=at,
        id=own_id,
        page_url=url,
        page_id=page_id,
        page_title=said.text("title") or None,
        projects=(said.text("project"), said.text("project_title")),
        parent=said.text("parentId") or None,
        text="" if is_deleted else said.words("content"),
        created=moments.read(said.raw("created_at")),
        name="" if is_deleted else said.text("by_nickname"),
        email=None if is_deleted else said.text("by_email") or None,
        is_moderator="moderatorId" in said,
        state=_state(said, is_deleted=is_deleted),
    )


def _state(said: Fields, *, is_deleted: bool) -> State:
    if is_deleted:
        return State.REMOVED
    return State.VISIBLE if said.flag("approved") else State.PENDING


def _place(url: str, slug: str) -> tuple[str, str | None]:
    for written in (url, slug):
        if "://" in written or written.startswith("/"):
            return written, None
    return "/", slug
