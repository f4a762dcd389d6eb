"""HTML in one pass, whatever it holds: tags and the texts between them.

Each character is looked at a few times and never again: the standard library's parser takes hours
for a megabyte of ``<!--`` (CVE-2025-6069, open in Pythons that we run on), and one that follows the
specification makes gigabytes of a page whose formatting is never closed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Tag:
    """A tag that opens or closes an element."""

    name: str
    is_end: bool = False
    said: dict[str, str] = field(default_factory=dict)  # its attributes


# What is in them is text until their own end tag comes.
_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
_NAME: Final = re.compile(r"/?[A-Za-z][^\s/>]*")
_SPACE: Final = re.compile(r"[\s/]*")
_ATTRIBUTE: Final = re.compile(r"=?[^\s/>=]*")
_EQUALS: Final = re.compile(r"\s*=\s*")
_BARE: Final = re.compile(r"[^\s>]*")


def scan(text: str) -> Iterator[Tag | str]:
    """The tags and texts of a page. It ends where something begins that never ends."""
    at = 0
    while (begin := text.find("<", at)) >= 0:
        if begin > at:
            yield html.unescape(text[at:begin])
        found, at = _mark(text, begin)
        if not at:
            return
        if found is not None:
            yield found
    yield html.unescape(text[at:])


def _mark(text: str, begin: int) -> tuple[Tag | str | None, int]:
    """What begins with a ``<``, None for a comment, and where it is over; 0 where it never is."""
    named = _NAME.match(text, begin + 1)
    if named is not None:
        return _tag(text, named)
    if text.startswith(("!", "?", "/"), begin + 1):
        return None, _after_comment(text, begin)
    return "<", begin + 1


def _after_comment(text: str, begin: int) -> int:
    """Where a comment, or what is taken for one, is over; 0 where it never is."""
    if not text.startswith("<!--", begin):
        return text.find(">", begin) + 1
    end = text.find("-->", begin + 2)
    return end + 3 if end >= 0 else 0


def _tag(text: str, named: re.Match[str]) -> tuple[Tag | None, int]:
    """A tag and where it is over; 0 where it never is."""
    said: dict[str, str] = {}
    at = named.end()
    while (at := _past(_SPACE, text, at)) < len(text):
        if text[at] == ">":
            name = named[0].lower()
            tag = Tag(name.removeprefix("/"), name.startswith("/"), said)
            return tag, _past_raw(name, text, at)
        start, at = at, _past(_ATTRIBUTE, text, at)
        name, value = text[start:at].lower(), ""
        if equals := _EQUALS.match(text, at):
            value, at = _value(text, equals.end())
            if not at:
                break
        said.setdefault(name, value)  # of two of one name the first counts
    return None, 0


def _value(text: str, at: int) -> tuple[str, int]:
    """An attribute's value and where it is over; 0 where it never is."""
    quote = text[at : at + 1]
    if quote not in {'"', "'"}:
        end = _past(_BARE, text, at)
        return html.unescape(text[at:end]), end
    end = text.find(quote, at + 1)
    return html.unescape(text[at + 1 : end]), end + 1


def _past_raw(name: str, text: str, at: int) -> int:
    """Where it goes on behind a tag: what is no HTML is left out to its own end tag, or at all."""
    if name not in _RAW:
        return at + 1
    end = _RAW[name].search(text, at)
    return end.start() if end else 0


def _past(shape: re.Pattern[str], text: str, at: int) -> int:
    found = shape.match(text, at)
    return found.end() if found else at
