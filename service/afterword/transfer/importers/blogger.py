"""Blogger: the classic backup (one Atom file) and Google Takeout's ``feed.atom``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element

from afterword.threads.models import Format, State
from afterword.transfer import moments
from afterword.transfer.reading import xml
from afterword.transfer.record import CommentRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

_KIND = "http://schemas.google.com/g/2005#kind"
# Everyone's address in these files: taken for one, all would be one person.
_NOBODY = "noreply@blogger.com"
_ANSWERED = re.compile(r"/comments/default/(\d+)")


@dataclass(frozen=True)
class _Post:
    """A post or a page of the blog."""

    url: str
    title: str
    is_draft: bool


class Blogger:
    """Entries of every kind in no order: posts, pages, comments, settings."""

    name = "blogger"
    lineage = "blogger"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        return b"<feed" in start[:2000] and (
            b"schemas.google.com/blogger" in start or b"tag:blogger.com" in start
        )

    def records(self, file: BinaryIO) -> Iterator[Record]:
        posts = {
            xml.text(entry, "id"): _post(entry)
            for entry, _ in xml.elements(file, "entry")
            if _kind(entry) in {"post", "page"}
        }
        for entry, line in xml.elements(file, "entry"):
            if _kind(entry) == "comment":
                yield _comment(entry, line, posts)


def _kind(entry: Element) -> str:
    said = next((one for one in entry if one.tag == "type"), None)
    if said is not None:
        return xml.text(said).lower()
    for one in entry:
        if one.tag == "category" and one.get("scheme") == _KIND:
            return str(one.get("term", "")).rpartition("#")[2]
    return ""


def _post(entry: Element) -> _Post:
    draft = xml.text(entry.find("control"), "draft") if _has(entry, "control") else ""
    is_draft = draft == "yes" or xml.text(entry, "status") in {"DRAFT", "SCHEDULED"}
    links = {one.get("rel"): one.get("href", "") for one in entry if one.tag == "link"}
    url = xml.text(entry, "filename") or links.get("alternate", "")
    return _Post(_cut(url), xml.text(entry, "title"), is_draft)


def _comment(entry: Element, line: int, posts: dict[str, _Post]) -> Record:
    own_id = xml.text(entry, "id")
    at = f"line {line}, entry {own_id.rpartition('-')[2]}"
    answered = entry.find("in-reply-to")
    page_id = xml.text(entry, "parent") or (answered.get("ref", "") if answered is not None else "")
    post = posts.get(page_id)
    url = post.url if post else ""
    if not url and answered is not None:
        url = _cut(answered.get("href", ""))
    if post is not None and post.is_draft:
        return SkippedRecord(at=at, id=own_id, reason="draft")
    if not url:
        return SkippedRecord(at=at, id=own_id, reason="no_page")
    author = entry.find("author")
    email = xml.text(author, "email")
    state = _state(entry)
    is_removed = state is State.REMOVED
    is_anonymous = xml.text(author, "type") == "ANONYMOUS"
    return CommentRecord(
        at=at,
        id=own_id,
        page_url=url,
        page_title=post.title if post else None,
        parent=_parent(entry, own_id),
        # Its title is the text's beginning again.
        text="" if is_removed else xml.text(entry, "content"),
        format=Format.HTML,
        created=moments.read(xml.text(entry, "published")),
        name="" if is_removed or is_anonymous else xml.text(author, "name"),
        email=email if email and email != _NOBODY and not is_removed else None,
        website=None if is_removed else xml.text(author, "uri") or None,
        state=state,
    )


def _parent(entry: Element, own_id: str) -> str | None:
    said = xml.text(entry, "inReplyTo")
    if said:
        return said
    for one in entry:
        found = _ANSWERED.search(one.get("href", "")) if one.get("rel") == "related" else None
        if found:
            return f"{own_id.rpartition('-')[0]}-{found[1]}"
    return None


def _state(entry: Element) -> State:
    names = {one.get("name") for one in entry if one.tag == "extendedProperty"}
    if "blogger.contentRemoved" in names or xml.text(entry, "trashed"):
        return State.REMOVED
    status = xml.text(entry, "status")
    if status in {"", "LIVE"}:
        return State.VISIBLE
    return State.SPAM if "SPAM" in status else State.PENDING


def _has(entry: Element, tag: str) -> bool:
    return entry.find(tag) is not None


def _cut(url: str) -> str:
    """A post's address without ``?showComment=…#c…``, which names a comment."""
    return re.split(r"[?#]", url, maxsplit=1)[0]
