"""Twikoo: an array, an object a line, or wrapped as its database and its API answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import json
from afterword.transfer.reading.answered import Answered
from afterword.transfer.reading.fields import Fields, page_address, website
from afterword.transfer.record import CommentRecord, Record
from afterword.transfer.sniff import Sample

# Where the comments stand, if they are not the file itself.
_WRAPPED = (("results",), ("data",), ("data", "data"))


class Twikoo:
    """Comments in HTML with the path of their page. What waits is marked as spam, and stays so."""

    name = "twikoo"
    lineage = "twikoo"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        marks = (b'"mailMd5"', b'"isSpam"', b'"master"')
        return start.startswith((b"{", b"[")) and sum(mark in start for mark in marks) > 1

    def records(self, file: BinaryIO) -> Iterator[Record]:
        rows = map(Fields, json.rows(file, *_WRAPPED))
        answered = Answered((_id(said), _url(said)) for said in rows)
        for number, one in enumerate(json.rows(file, *_WRAPPED), start=1):
            yield _comment(Fields(one), number, answered)


def _id(said: Fields) -> str:
    return said.text("_id", "id", "objectId")


def _url(said: Fields) -> str:
    return page_address(said.text("url")) or said.text("href").partition("#")[0]


def _comment(said: Fields, number: int, answered: Answered) -> CommentRecord:
    own_id = _id(said) or f"row {number}"
    return CommentRecord(
        at=f"row {number}, comment {own_id}",
        id=own_id,
        page_url=_url(said),
        parent=answered.parent(said.text("pid"), said.text("rid"), _url(said)),
        text=said.words("comment"),
        format=Format.HTML,
        created=moments.read(said.raw("created", "createdAt")),
        name=said.text("nick"),
        email=said.text("mail") or None,
        website=website(said.text("link")),
        is_moderator=said.flag("master"),
        is_pinned=said.flag("top"),
        state=State.SPAM if said.flag("isSpam") else State.VISIBLE,
        up=max(said.votes("like"), said.votes("ups")),
        down=said.votes("downs"),
    )
