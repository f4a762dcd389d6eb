"""Disqus: the export as XML. https://help.disqus.com/en/articles/1717164-comments-export"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element

from afterword.threads.models import Format, State
from afterword.transfer import moments, own
from afterword.transfer.reading import xml
from afterword.transfer.record import CommentRecord, PageRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

_ID = "{http://disqus.com/disqus-internals}id"
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class _Thread:
    """A thread of the file. Most have no identifier, some have nothing else."""

    url: str
    page_id: str | None
    title: str
    is_deleted: bool
    page: PageRecord


class Disqus:
    """Threads, then posts that name theirs; the order is promised and not relied on."""

    name = "disqus"
    lineage = "disqus"

    def detects(self, sample: Sample) -> bool:
        return b"<disqus" in sample.start[:1000]

    def records(self, file: BinaryIO) -> Iterator[Record]:
        threads: dict[str, _Thread] = {}
        begun: set[str] = set()
        early: list[tuple[Element, int]] = []
        for element, line in xml.elements(file, "thread", "post"):
            if element.tag == "thread":
                thread_id, thread = element.get(_ID, ""), _thread(element)
                threads[thread_id] = thread
                # Nobody wrote there perhaps, and nobody is to.
                if not thread.page.is_open:
                    begun.add(thread_id)
                    yield thread.page
            elif _thread_of(element) in threads:
                yield from _post(element, line, threads, begun)
            else:
                early.append((element, line))
        for element, line in early:
            yield from _post(element, line, threads, begun)


def _thread(element: Element) -> _Thread:
    url, page_id = _place(xml.text(element, "link"), xml.text(element, "id"))
    page_id = element.get(own.PAGE_ID) or page_id
    title = html.unescape(xml.text(element, "title"))
    is_deleted = _is(element, "isDeleted")
    page = PageRecord(
        url=url,
        page_id=page_id,
        title=title,
        # Whoever comes to the page of one that was deleted finds another, which is open.
        is_open=is_deleted or not _is(element, "isClosed"),
        created=moments.read(xml.text(element, "createdAt")),
    )
    return _Thread(url, page_id, title, is_deleted, page)


def _place(link: str, identifier: str) -> tuple[str, str | None]:
    """Address and, where there is none, the page's own id: what blogs put into the identifier."""
    if link:
        return link, None
    written = _ADDRESS.search(identifier)
    if written:
        return written[0], None
    if identifier.startswith("/") or not identifier:
        return identifier, None
    return "/", identifier


def _thread_of(post: Element) -> str:
    thread = post.find("thread")
    return thread.get(_ID, "") if thread is not None else ""


def _post(
    post: Element, line: int, threads: dict[str, _Thread], begun: set[str]
) -> Iterator[Record]:
    own_id = post.get(_ID) or xml.text(post, "id")
    at = f"line {line}, post {own_id}"
    thread_id = _thread_of(post)
    thread = threads.get(thread_id)
    if thread is None:
        yield SkippedRecord(at=at, id=own_id, reason="no_page")
        return
    if thread_id not in begun:
        begun.add(thread_id)
        yield thread.page
    yield _comment(post, own_id, at, thread)


def _comment(post: Element, own_id: str, at: str, thread: _Thread) -> CommentRecord:
    author = post.find("author")
    parent = post.find("parent")
    is_deleted = _is(post, "isDeleted")
    return CommentRecord(
        at=at,
        id=own_id,
        our_id=post.get(own.COMMENT_ID),
        page_url=thread.url,
        page_id=thread.page_id,
        page_title=thread.title,
        parent=parent.get(_ID) if parent is not None else None,
        # What its author took back is only a place in the thread.
        text="" if is_deleted else xml.text(post, "message"),
        format=Format.HTML,
        created=moments.read(xml.text(post, "createdAt")),
        name="" if is_deleted else html.unescape(xml.text(author, "name")),
        username=xml.text(author, "username") or None,
        email=None if is_deleted else xml.text(author, "email") or None,
        website=None if is_deleted else xml.text(author, "link") or None,
        state=State.REMOVED if is_deleted or thread.is_deleted else _state(post),
    )


def _state(post: Element) -> State:
    if _is(post, "isSpam"):
        return State.SPAM
    return State.PENDING if xml.text(post, "isApproved") == "false" else State.VISIBLE


def _is(element: Element, tag: str) -> bool:
    return xml.text(element, tag).lower() == "true"
