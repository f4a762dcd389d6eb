"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Final

from afterword.core.i18n import _
from afterword.feeds import feed as feeds
from afterword.feeds.feed import Feed
from afterword.threads.view import Json

MIMETYPE: Final = "application/feed+json"


def write(feed: Feed) -> bytes:
    """A feed as a document."""
    said: Json = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "items": [_item(comment) for comment in feed.comments],
    }
    if feed.hub:
        said["hubs"] = [{"type": "WebSub", "url": feed.hub}]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _item(comment: Json) -> Json:
    author = comment["author"]
    who = {"name": author["name"] or _("Anonymous")}
    if author["website"]:
        who["url"] = author["website"]
    item = {
        "id": feeds.permalink(comment["id"]),
        "url": feeds.link(comment),
        "title": feeds.heading(comment),
        "content_html": feeds.content(comment),
        "date_published": comment["created"],
        "authors": [who],
    }
    if comment["lang"]:
        item["language"] = comment["lang"]
    if comment["updated"] != comment["created"]:
        item["date_modified"] = comment["updated"]
    return item
