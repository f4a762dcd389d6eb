"""Atom (RFC 4287), with what answers what (RFC 4685)."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from afterword.core.i18n import _
from afterword.feeds import feed as feeds
from afterword.feeds.feed import Feed
from afterword.threads.view import Json

MIMETYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_THREAD: Final = "http://purl.org/syndication/thread/1.0"


def write(feed: Feed) -> bytes:
    """A feed as a document. Every text in it is escaped by the library that makes it."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xmlns:thr": _THREAD})
    _texts(root, id=feed.id, title=feed.title, updated=feed.updated, generator="Afterword")
    ET.SubElement(root, "link", {"rel": "self", "type": MIMETYPE, "href": feed.address})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.home})
    if feed.hub:
        ET.SubElement(root, "link", {"rel": "hub", "href": feed.hub})
    for comment in feed.comments:
        _entry(ET.SubElement(root, "entry"), comment)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(entry: ET.Element, comment: Json) -> None:
    author = comment["author"]
    _texts(
        entry,
        id=feeds.permalink(comment["id"]),
        title=feeds.heading(comment),
        published=comment["created"],
        updated=comment["updated"],
    )
    who = ET.SubElement(entry, "author")
    _texts(who, name=author["name"] or _("Anonymous"))
    if author["website"]:
        _texts(who, uri=author["website"])
    link = {"rel": "alternate", "type": "text/html", "href": feeds.link(comment)}
    ET.SubElement(entry, "link", link)
    if comment["parent"]:
        ET.SubElement(entry, "thr:in-reply-to", {"ref": feeds.permalink(comment["parent"])})
    told = {"type": "html"} | ({"xml:lang": comment["lang"]} if comment["lang"] else {})
    ET.SubElement(entry, "content", told).text = feeds.content(comment)


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = text
