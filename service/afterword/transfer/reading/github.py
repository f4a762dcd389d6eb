"""What giscus and utterances share: threads that are kept on GitHub, named after pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from afterword.transfer.reading.fields import Fields

# Their first post ends with the page's address as a link, and giscus adds a digest of its name.
_LINK = re.compile(r"\[[^\]\n]*\]\((https?://[^)\s]+)\)\s*(?:<!--.*?-->\s*)?\Z", re.DOTALL)
_MARK = re.compile(r"<!--\s*sha1:\s*[0-9a-f]{40}\s*-->")


def objects(said: Any, *names: str) -> Iterator[Fields]:
    """The objects that have all these fields, from the outside in, in whatever they are wrapped."""
    left = [said]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if all(name in one for name in names):
                yield Fields(one)
            else:
                left += reversed(one.values())
        elif isinstance(one, list):
            left += reversed(one)


def address(thread: Fields) -> str | None:
    """Where the page of a thread is, None for one that the widget did not begin.

    Its title is the page's path without the first slash, or its address.
    """
    body, title = thread.words("body"), thread.text("title")
    link = _LINK.search(body.rstrip())
    if link:
        return link[1]
    if "://" in title:
        return title
    return f"/{title.lstrip('/')}" if _MARK.search(body) else None


def name(who: Fields) -> str:
    """The author's name; one whose account is gone is shown as GitHub shows them."""
    return who.text("login") or "ghost"
