"""WordPress's export (WXR 1.2): a post for each page, with its comments inside."""

from __future__ import annotations

import datetime as dt
import html
from typing import BinaryIO

from afterword.core import clock, urls
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page, State
from afterword.transfer import own, stored
from afterword.transfer.writing import Xml

_STATES = {
    State.VISIBLE: "1",
    State.PENDING: "0",
    State.SPAM: "spam",
    State.REMOVED: "trash",
}


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a site; answers the number of comments. Their ids are numbers, as WordPress needs."""
    xml = Xml(out)
    xml.open(
        "rss",
        version="2.0",
        xmlns__wp="http://wordpress.org/export/1.2/",
        xmlns__content="http://purl.org/rss/1.0/modules/content/",
        xmlns__dsq="http://www.disqus.com/",
        xmlns__afterword=own.NAMESPACE,
    )
    xml.open("channel")
    xml.leaf("title", site.name)
    xml.leaf("link", site.origins[0])
    xml.leaf("wp:wxr_version", "1.2")
    count = 0
    for page in stored.pages(site):
        count += _item(xml, page, before=count)
    xml.close("channel")
    xml.close("rss")
    return count


def _item(xml: Xml, page: Page, *, before: int) -> int:
    """Answers the number of comments. ``before`` this page there were so many."""
    xml.open("item")
    xml.leaf("title", html.escape(page.title or page.url, quote=False))
    xml.leaf("link", page.url)
    if page_id := urls.own_id(page.key):
        xml.leaf("dsq:thread_identifier", page_id)
        xml.leaf("afterword:page", afterword__page_id=page_id)
    xml.leaf("wp:post_id", str(page.id))
    xml.leaf("wp:post_date_gmt", _moment(page.created))
    xml.leaf("wp:comment_status", "open" if page.is_open else "closed")
    xml.leaf("wp:status", "publish")
    xml.leaf("wp:post_type", "post")
    numbers: dict[str, int] = {}
    for number, comment in enumerate(stored.comments(page), start=before + 1):
        numbers[comment.id] = number
        _comment(xml, comment, number, parent=numbers.get(comment.parent_id or "", 0))
    xml.close("item")
    return len(numbers)


def _comment(xml: Xml, comment: Comment, number: int, *, parent: int) -> None:
    said = {
        "id": str(number),
        # Names and titles of WordPress are HTML: those who read them take its entities away.
        "author": html.escape(comment.name, quote=False),
        "author_email": comment.email or "",
        "author_url": comment.website or "",
        "author_IP": "",
        "date": _moment(comment.created),
        "date_gmt": _moment(comment.created),
        "content": stored.shown(comment),
        "approved": _STATES[comment.state],
        "type": "comment",
        "parent": str(parent),
        "user_id": "0",
    }
    xml.open("wp:comment")
    for name, text in said.items():
        xml.leaf(f"wp:comment_{name}", text)
    xml.leaf("afterword:comment", afterword__comment_id=comment.id)
    xml.close("wp:comment")


def _moment(moment: dt.datetime) -> str:
    return clock.text(moment)[:19].replace("T", " ")
