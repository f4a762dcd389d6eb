"""WordPress: the export as RSS (WXR 1.0 to 1.2), also as others write it for Disqus."""

from __future__ import annotations

import datetime as dt
import html
from bisect import bisect
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from afterword.core import clock
from afterword.threads.models import Format, State
from afterword.transfer import moments, own
from afterword.transfer.reading import autop, clickable, xml
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
# Menus, styles and templates are items too, and closed, all of them.
_PAGES = {"", "post", "page"}
# Only these are comments, also what buyers say of a shop's goods. Notes of editors and of shops are
# private, and of kinds to come nobody knows.
_COMMENTS = {"", "comment", "review", "wpdiscuz_sticky"}
_PINNED = "wpdiscuz_sticky"  # how wpDiscuz marks one
_LINKS = {"pingback", "trackback", "webmention", "like", "repost", "mention", "bookmark"}
# Clocks of the world differ from UTC by so much, and by whole quarters of an hour.
_FARTHEST = dt.timedelta(hours=14)
_QUARTER = dt.timedelta(minutes=15)


class WordPress:
    """Posts, each with its comments inside."""

    name = "wordpress"
    lineage = "wordpress"

    def detects(self, sample: Sample) -> bool:
        return b"<rss" in sample.start[:2000] and (
            b"wordpress.org/export/" in sample.start or b"<wp:" in sample.start
        )

    def records(self, file: BinaryIO) -> Iterator[Record]:
        # Before the first date is needed: one that has only the local time may come first.
        zones = _Zones(item for item, _ in xml.elements(file, "item"))
        for item, line in xml.elements(file, "item"):
            comments = _comments(item)
            page = _page(item, zones)
            if _is_published(item) and (comments or _is_closed_page(item)):
                yield page
            for comment in comments:
                yield _read(comment, item, page, line, zones)


class _Zones:
    """How far the site was from UTC, by weeks, as posts and comments show it that have both times:
    summers change it, and so do owners."""

    def __init__(self, items: Iterable[Element]) -> None:
        self._of_weeks: dict[int, dt.tzinfo] = {}
        for item in items:
            self._learn(item, "post_date")
            for comment in _comments(item):
                self._learn(comment, "comment_date")
        self._weeks = sorted(self._of_weeks)

    def moment(self, element: Element, name: str) -> dt.datetime | None:
        """When it was. Zeros stand where nobody worked out the time in UTC: the local one counts,
        by the zone of the nearest week, and as UTC where the file shows none."""
        utc = moments.read(xml.text(element, f"{name}_gmt"))
        local = moments.read(xml.text(element, name))
        if utc is not None or local is None:
            return utc
        return moments.read(xml.text(element, name), zone=self._zone(_week(local)))

    def _learn(self, element: Element, name: str) -> None:
        utc = moments.read(xml.text(element, f"{name}_gmt"))
        local = moments.read(xml.text(element, name))
        if utc is None or local is None:
            return
        ahead = local - utc
        if abs(ahead) <= _FARTHEST and not ahead % _QUARTER:
            self._of_weeks.setdefault(_week(local), dt.timezone(ahead))

    def _zone(self, week: int) -> dt.tzinfo:
        at = bisect(self._weeks, week)
        near = self._weeks[max(at - 1, 0) : at + 1]
        return self._of_weeks[min(near, key=lambda one: abs(one - week))] if near else clock.UTC


def _week(local: dt.datetime) -> int:
    return local.toordinal() // 7


def _comments(item: Element) -> list[Element]:
    return [one for one in item if one.tag == "comment"]


def _page(item: Element, zones: _Zones) -> PageRecord:
    link, identifier = xml.text(item, "link"), xml.text(item, "thread_identifier")
    ours = item.find("page")
    page_id = ours.get(own.PAGE_ID) if ours is not None else None
    return PageRecord(
        url=link or ("/" if identifier else ""),
        page_id=page_id or (identifier if identifier and not link else None),
        title=html.unescape(xml.text(item, "title")),
        is_open=not _is_closed(item),
        created=zones.moment(item, "post_date"),
    )


def _is_published(item: Element) -> bool:
    return xml.text(item, "status") in _PUBLISHED and not _is_protected(item)


def _is_protected(item: Element) -> bool:
    """Whether only those read it, and what is said of it, who know a password."""
    return bool(xml.text(item, "post_password"))


def _is_closed(item: Element) -> bool:
    return xml.text(item, "comment_status") == "closed"


def _is_closed_page(item: Element) -> bool:
    """Whether this is a page that nobody may comment on, which perhaps nobody ever did."""
    return _is_closed(item) and xml.text(item, "post_type") in _PAGES


def _read(
    comment: Element, item: Element, page: PageRecord, line: int, zones: _Zones
) -> CommentRecord | SkippedRecord:
    post = xml.text(item, "post_id") or page.url
    number = xml.text(comment, "comment_id")
    at = f"post {post} (line {line}), comment {number}"
    # Numbers of comments are not unique in a file: two of one blog's parts may share them.
    own_id = f"{post}/{number}"
    kind = xml.text(comment, "comment_type").lower()
    if kind not in _COMMENTS:
        reason = "not_a_comment" if kind in _LINKS else "private_note"
        return SkippedRecord(at=at, id=own_id, reason=reason)
    if not _is_published(item):
        reason = "protected" if _is_protected(item) else "draft"
        return SkippedRecord(at=at, id=own_id, reason=reason)
    parent = xml.text(comment, "comment_parent")
    ours = comment.find("comment")
    return CommentRecord(
        at=at,
        id=own_id,
        our_id=ours.get(own.COMMENT_ID) if ours is not None else None,
        page_url=page.url,
        page_id=page.page_id,
        page_title=page.title,
        parent=f"{post}/{parent}" if parent not in {"", "0"} else None,
        text=clickable.shown(autop.shown(xml.text(comment, "comment_content"))),
        format=Format.HTML,
        created=zones.moment(comment, "comment_date"),
        name=html.unescape(xml.text(comment, "comment_author")),
        email=xml.text(comment, "comment_author_email") or None,
        website=xml.text(comment, "comment_author_url") or None,
        is_pinned=kind == _PINNED,
        state=_STATES.get(xml.text(comment, "comment_approved"), State.PENDING),
    )
