"""Disqus's XML, which most systems can import: threads, then posts in HTML."""

from __future__ import annotations

import datetime as dt
import html
from typing import BinaryIO

from afterword.core import clock, urls
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page, State
from afterword.transfer import own, stored
from afterword.transfer.writing import Xml


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a site; answers the number of comments. States stay, votes and pins have no place."""
    xml = Xml(out)
    xml.open(
        "disqus",
        xmlns="http://disqus.com",
        xmlns__dsq="http://disqus.com/disqus-internals",
        xmlns__afterword=own.NAMESPACE,
    )
    for page in stored.pages(site):
        _thread(xml, page, forum=site.key)
    count = 0
    for page in stored.pages(site):
        for comment in stored.comments(page):
            _post(xml, comment, forum=site.key)
            count += 1
    xml.close("disqus")
    return count


def _thread(xml: Xml, page: Page, *, forum: str) -> None:
    page_id = urls.own_id(page.key)
    mark = {"afterword__page_id": page_id} if page_id else {}
    xml.open("thread", dsq__id=str(page.id), **mark)
    xml.leaf("id", page_id or "")
    xml.leaf("forum", forum)
    xml.leaf("link", page.url)
    xml.leaf("title", html.escape(page.title or "", quote=False))
    xml.leaf("createdAt", _moment(page.created))
    xml.leaf("isClosed", _said(not page.is_open))
    xml.leaf("isDeleted", "false")
    xml.close("thread")


def _post(xml: Xml, comment: Comment, *, forum: str) -> None:
    xml.open("post", dsq__id=comment.id, afterword__comment_id=comment.id)
    xml.leaf("id")
    xml.leaf("forum", forum)
    xml.leaf("message", stored.shown(comment))
    xml.leaf("createdAt", _moment(comment.created))
    xml.leaf("isDeleted", _said(comment.state is State.REMOVED))
    xml.leaf("isSpam", _said(comment.state is State.SPAM))
    xml.leaf("isApproved", _said(comment.state is State.VISIBLE))
    xml.open("author")
    xml.leaf("email", comment.email or "")
    # Names and titles of Disqus are HTML: those who read them take its entities away.
    xml.leaf("name", html.escape(comment.name, quote=False))
    xml.leaf("link", comment.website or "")
    xml.leaf("isAnonymous", "true")
    xml.close("author")
    xml.leaf("thread", dsq__id=str(comment.page_id))
    if comment.parent_id:
        xml.leaf("parent", dsq__id=comment.parent_id)
    xml.close("post")


def _moment(moment: dt.datetime) -> str:
    return clock.text(moment)[:19] + "Z"


def _said(is_so: bool) -> str:
    return "true" if is_so else "false"
