"""What giscus and utterances share: threads that are kept on GitHub, named after pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from afterword.transfer.reading.fields import Fields

# Their first post ends with the page's address, utterances' as a link; giscus may add a digest of
# the page's name.
_LINK = re.compile(r"\[.*\]\((https?://\S+)\)")
_BARE = re.compile(r"https?://\S+")
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

    What its first post says of that goes before its title: the page's path without the first slash,
    its address, or what the page is called.
    """
    body, title = thread.words("body"), thread.text("title")
    said = _MARK.sub("", body).strip()
    last = said.rpartition("\n")[2].strip()
    if link := _LINK.fullmatch(last):
        return link[1]
    # Anybody may end a post with an address. That of giscus begins with a heading.
    if said.startswith("# ") and _BARE.fullmatch(last):
        return last
    if "://" in title:
        return title
    return f"/{title.lstrip('/')}" if _MARK.search(body) else None


def name(who: Fields) -> str:
    """The author's name; one whose account is gone is shown as GitHub shows them."""
    return who.text("login") or "ghost"
