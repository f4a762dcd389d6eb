"""What in a text in Markdown is code: there a tag is no tag and a sign no sign.

A few looks at each character, whatever the text holds: a pattern that pairs ticks by itself goes to
the end of the text for each of them that has no partner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A fence that nobody closed holds what is left. Indented code follows an empty line.
_BLOCK = re.compile(
    r"""
      ^[ ]{0,3}(?P<ticks>`{3,})(?!`)[^`\n]*$ (?:.*?^[ ]{0,3}(?P=ticks)`*[ \t\r]*$|.*)
    | ^[ ]{0,3}(?P<waves>~{3,})(?!~)[^\n]*$ (?:.*?^[ ]{0,3}(?P=waves)~*[ \t\r]*$|.*)
    | (?:(?<=\n\n)|(?<=\n\r\n)) (?:(?:[ ]{4}|\t)[^\n]*(?:\n|\Z))+
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
# No span goes on behind an empty line.
_MARK = re.compile(r"`+|\n[ \t\r]*\n")


def parts(text: str) -> list[str]:
    """The text in parts: words, code, words, and so on. Joined they are the text again."""
    found: list[str] = []
    end = 0
    for block in _BLOCK.finditer(text):
        found += [*_around_spans(text[end : block.start()]), block[0]]
        end = block.end()
    return [*found, *_around_spans(text[end:])]


def _around_spans(text: str) -> Iterator[str]:
    end = 0
    for start, stop in _spans(text):
        yield text[end:start]
        yield text[start:stop]
        end = stop
    yield text[end:]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where code spans begin and end: ticks pair with the next that are as many."""
    marks = [found.span() for found in _MARK.finditer(text)]
    partners = [-1] * len(marks)
    following: dict[int, int] = {}  # by their number
    for at in reversed(range(len(marks))):
        start, stop = marks[at]
        if text[start] == "\n":
            following.clear()
        elif not text.endswith("\\", 0, start):
            partners[at] = following.get(stop - start, -1)
        if text[start] == "`":
            following[stop - start] = at
    at = 0
    while at < len(marks):
        if partners[at] > 0:
            yield marks[at][0], marks[partners[at]][1]
        at = max(partners[at], at) + 1
