"""Waline and Valine: Waline's own export, LeanCloud's in its several shapes, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import json, table
from afterword.transfer.reading.answered import Answered
from afterword.transfer.reading.fields import Fields, is_html, page_address, website
from afterword.transfer.record import CommentRecord, Record
from afterword.transfer.sniff import Sample

_NEEDED = (("url",), ("comment",))  # of a table
_STATES = {"": State.VISIBLE, "approved": State.VISIBLE, "spam": State.SPAM}
# Where the comments stand, if they are not the file itself.
_WRAPPED = (("data", "Comment"), ("data", "data", "Comment"), ("results",))
# A link to the comment that is answered, by an id that nothing has here; in Markdown at the start.
_MENTION = re.compile(
    r"""<a\b[^>]*\bclass=["']?at["']?[^>]*>(@[^<]*)</a>|\A\s*\[(@.*?)\]\(#[^)\s]*\)""",
    re.IGNORECASE,
)


class Waline:
    """Comments by their paths, in Markdown, or in HTML where they came from Valine."""

    name = "waline"
    lineage = "waline"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        if not start:  # of a class without rows LeanCloud writes the first line alone
            return b'"Comment"' in sample.preface
        if start.startswith((b"{", b"[")):
            is_named = b'"waline"' in start[:200] and b'"tables"' in start
            return is_named or (b'"insertedAt"' in start and b'"comment"' in start)
        first = start.partition(b"\n")[0]
        return all(name in first for name in (b"comment", b"insertedAt", b"nick", b"url"))

    def records(self, file: BinaryIO) -> Iterator[Record]:
        if not json.is_json(file):
            answered = _answered(table.rows(file, *_NEEDED))
            for number, row in enumerate(table.rows(file, *_NEEDED), start=2):
                yield _comment(Fields(row), number, {}, answered)
            return
        people = _people(file)
        answered = _answered(json.rows(file, *_WRAPPED))
        for number, one in enumerate(json.rows(file, *_WRAPPED), start=1):
            yield _comment(Fields(one), number, people, answered)


def _answered(rows: Iterable[Any]) -> Answered:
    return Answered((_id(said), _url(said)) for said in map(Fields, rows))


def _id(said: Fields) -> str:
    return said.text("objectId", "id", "_id")


def _url(said: Fields) -> str:
    return page_address(said.text("url"))


def _people(file: BinaryIO) -> dict[str, Fields]:
    """Who was signed in. Their passwords are there as well, and are not looked at."""
    people: dict[str, Fields] = {}
    for path in (("data", "Users"), ("data", "data", "Users")):
        for one in json.items(file, *path):
            said = Fields(one)
            people[_id(said)] = said
    return people


def _comment(
    said: Fields, number: int, people: dict[str, Fields], answered: Answered
) -> CommentRecord:
    own_id = _id(said) or f"row {number}"
    who = people.get(said.text("user_id"), Fields({}))
    text = _MENTION.sub(r"\1\2", said.words("comment"))
    return CommentRecord(
        at=f"row {number}, comment {own_id}",
        id=own_id,
        page_url=_url(said),
        parent=answered.parent(said.text("pid"), said.text("rid"), _url(said)),
        text=text,
        format=Format.HTML if is_html(text) else Format.MARKDOWN,
        created=moments.read(said.raw("insertedAt", "createdAt")),
        name=said.text("nick") or who.text("display_name"),
        email=said.text("mail") or who.text("email") or None,
        website=website(said.text("link")),
        is_moderator=who.text("type") == "administrator",
        is_pinned=said.flag("sticky"),
        state=_STATES.get(said.text("status"), State.PENDING),
        up=said.votes("like"),
    )
