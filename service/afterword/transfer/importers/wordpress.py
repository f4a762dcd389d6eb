"""WordPress: the export as RSS (WXR 1.0 to 1.2), also as others write it for Disqus."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from afterword.core import clock
from afterword.threads.models import Format, State
from afterword.transfer import moments, own
from afterword.transfer.reading import xml
from afterword.transfer.record import CommentRecord, PageRecord, Record, SkippedRecord
from afterword.transfer.sniff import Sample

_STATES = {
    "1": State.VISIBLE,
    "approve": State.VISIBLE,
    "0": State.PENDING,
    "hold": State.PENDING,
    "spam": State.SPAM,
    "trash": State.REMOVED,
    "post-trashed": State.REMOVED,
}
_PUBLISHED = {"", "publish", "inherit", "closed"}  # an attachment inherits its post's
# Only these are comments. Notes of editors and of shops are private, and of kinds to come nobody
# knows.
_COMMENTS = {"", "comment"}
_LINKS = {"pingback", "trackback", "webmention", "like", "repost", "mention", "bookmark"}
_NEVER = "0000-00-00 00:00:00"
_CODE = re.compile(r"\[code[^\]\n]*\](.*?)\[/code\]", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|pre|blockquote|ul|ol|div|table|h[1-6])\b", re.IGNORECASE)
_KEPT = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL | re.IGNORECASE)


class WordPress:
    """Posts, each with its comments inside."""

    name = "wordpress"
    lineage = "wordpress"

    def detects(self, sample: Sample) -> bool:
        return b"<rss" in sample.start[:2000] and (
            b"wordpress.org/export/" in sample.start or b"<wp:" in sample.start
        )

    def records(self, file: BinaryIO) -> Iterator[Record]:
        zone: dt.tzinfo = clock.UTC
        for item, line in xml.elements(file, "item"):
            comments = [one for one in item if one.tag == "comment"]
            if not comments:
                continue
            zone = _zone(comments) or zone
            page = _page(item)
            yield page
            for comment in comments:
                yield _read(comment, item, page, line, zone)


def _page(item: Element) -> PageRecord:
    link, identifier = xml.text(item, "link"), xml.text(item, "thread_identifier")
    ours = item.find("page")
    page_id = ours.get(own.PAGE_ID) if ours is not None else None
    return PageRecord(
        url=link or ("/" if identifier else ""),
        page_id=page_id or (identifier if identifier and not link else None),
        title=html.unescape(xml.text(item, "title")),
        is_open=xml.text(item, "comment_status") != "closed",
        created=moments.read(xml.text(item, "post_date_gmt")),
    )


def _zone(comments: list[Element]) -> dt.tzinfo | None:
    """The site's distance from UTC, as comments show it that have both times."""
    for comment in comments:
        local = moments.read(xml.text(comment, "comment_date"))
        utc = moments.read(xml.text(comment, "comment_date_gmt"))
        if local and utc and abs(local - utc) < dt.timedelta(days=1):
            return dt.timezone(local - utc)
    return None


def _read(
    comment: Element, item: Element, page: PageRecord, line: int, zone: dt.tzinfo
) -> CommentRecord | SkippedRecord:
    post = xml.text(item, "post_id") or page.url
    at = f"post {post} (line {line}), comment {xml.text(comment, 'comment_id')}"
    kind = xml.text(comment, "comment_type").lower()
    if kind not in _COMMENTS:
        reason = "not_a_comment" if kind in _LINKS else "private_note"
        return SkippedRecord(at=at, reason=reason)
    if xml.text(item, "status") not in _PUBLISHED:
        return SkippedRecord(at=at, reason="draft")
    parent = xml.text(comment, "comment_parent")
    return CommentRecord(
        at=at,
        # Numbers of comments are not unique in a file: two of one blog's parts may share them.
        id=f"{post}/{xml.text(comment, 'comment_id')}",
        page_url=page.url,
        page_id=page.page_id,
        page_title=page.title,
        parent=f"{post}/{parent}" if parent not in {"", "0"} else None,
        text=_paragraphs(xml.text(comment, "comment_content")),
        format=Format.HTML,
        created=_created(comment, zone),
        name=html.unescape(xml.text(comment, "comment_author")),
        email=xml.text(comment, "comment_author_email") or None,
        website=xml.text(comment, "comment_author_url") or None,
        state=_STATES.get(xml.text(comment, "comment_approved"), State.PENDING),
    )


def _created(comment: Element, zone: dt.tzinfo) -> dt.datetime | None:
    utc = xml.text(comment, "comment_date_gmt")
    if utc and utc != _NEVER:
        return moments.read(utc)
    return moments.read(xml.text(comment, "comment_date"), zone=zone)


def _paragraphs(text: str) -> str:
    """HTML with the breaks that WordPress makes of new lines when it shows a comment."""
    text = _CODE.sub(lambda found: f"<pre><code>{html.escape(found[1].strip())}</code></pre>", text)
    parts = _KEPT.split(text.replace("\r\n", "\n"))
    return "".join(part if at % 2 else _broken(part) for at, part in enumerate(parts))


def _broken(text: str) -> str:
    paragraphs = (one.strip() for one in re.split(r"\n\s*\n", text))
    return "\n".join(
        one if _BLOCK.search(one) else "<p>" + one.replace("\n", "<br>\n") + "</p>"
        for one in paragraphs
        if one
    )
