"""Comentario and Commento, from which it came: exports of version 1 and of version 3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import BadFile, json
from afterword.transfer.reading.fields import Fields, website
from afterword.transfer.record import CommentRecord, PageRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

_ROOTS = {"", "root"}
_DELETED = {"", "[deleted]"}
_STATES = {"approved": State.VISIBLE, "unapproved": State.PENDING, "flagged": State.SPAM}


class Comentario:
    """One object with the comments and, apart from them, who wrote; guests may not be among
    these."""

    name = "comentario"
    lineage = "comentario"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        # In version 3 the commenters come last, after any number of pages and comments.
        marks = (b'"commenter', b'"isReadonly"', b'"userCreated"')
        is_versioned = start.startswith(b"{") and b'"version"' in start
        return is_versioned and any(mark in start for mark in marks)

    def records(self, file: BinaryIO) -> Iterator[Record]:
        version = json.member(file, "version")
        if version == 1:
            people = {one.text("commenterHex"): one for one in _each(file, "commenters")}
            for said in _each(file, "comments"):
                yield _of_1(said, people.get(said.text("commenterHex"), Fields({})))
        elif version == 3:
            people = {one.text("id"): one for one in _each(file, "commenters")}
            pages = {one.text("id"): one for one in _each(file, "pages")}
            yield from map(_page, pages.values())
            for said in _each(file, "comments"):
                yield _of_3(said, people.get(said.text("userCreated"), Fields({})), pages)
        else:
            raise BadFile(f"version {version!r} is not known, only 1 and 3")


def _each(file: BinaryIO, name: str) -> Iterator[Fields]:
    return map(Fields, json.items(file, name))


def _page(said: Fields) -> PageRecord:
    return PageRecord(
        url=said.text("path"),
        title=said.text("title") or None,
        is_open=not said.flag("isReadonly"),
    )


def _of_1(said: Fields, who: Fields) -> CommentRecord:
    markdown = said.words("markdown")
    text = markdown or said.words("html")
    is_deleted = said.flag("deleted") or text.strip() in _DELETED
    score = said.number("score")
    domain, url = said.text("domain", "host"), said.text("url", "path")
    parent = said.text("parentHex")
    return CommentRecord(
        at=f"comment {said.text('commentHex')}",
        id=said.text("commentHex"),
        page_url=url if "://" in url or not domain else f"https://{domain}/{url.lstrip('/')}",
        projects=(domain,),
        parent=parent if parent not in _ROOTS else None,
        text="" if is_deleted else text,
        format=Format.MARKDOWN if markdown else Format.HTML,
        created=moments.read(said.raw("creationDate")),
        name="" if is_deleted else who.text("name"),
        email=None if is_deleted else who.text("email") or None,
        website=None if is_deleted else website(who.text("link", "websiteUrl")),
        is_moderator=who.flag("isModerator") and not is_deleted,
        state=State.REMOVED if is_deleted else _STATES.get(said.text("state"), State.PENDING),
        up=max(score, 0),
        down=max(-score, 0),
    )


def _of_3(said: Fields, who: Fields, pages: dict[str, Fields]) -> Record:
    own_id = said.text("id")
    page = pages.get(said.text("pageId"))
    if page is None:
        return SkippedRecord(at=f"comment {own_id}", id=own_id, reason="no_page")
    is_deleted = said.flag("isDeleted")
    score = said.number("score")
    markdown = said.words("markdown")
    return CommentRecord(
        at=f"comment {own_id}",
        id=own_id,
        page_url=page.text("path"),
        page_title=page.text("title") or None,
        parent=said.text("parentId") or None,
        text="" if is_deleted else markdown or said.words("html"),
        format=Format.MARKDOWN if markdown else Format.HTML,
        created=moments.read(said.raw("createdTime")),
        edited=moments.read(said.raw("editedTime")),
        name="" if is_deleted else said.text("authorName") or who.text("name"),
        email=None if is_deleted else who.text("email") or None,
        website=None if is_deleted else website(who.text("websiteUrl")),
        is_moderator=who.flag("isModerator") and not is_deleted,
        is_pinned=said.flag("isSticky"),
        state=_state_of_3(said),
        up=max(score, 0),
        down=max(-score, 0),
    )


def _state_of_3(said: Fields) -> State:
    if said.flag("isDeleted"):
        return State.REMOVED
    if said.flag("isPending"):
        return State.PENDING
    return State.VISIBLE if said.flag("isApproved") else State.REMOVED
