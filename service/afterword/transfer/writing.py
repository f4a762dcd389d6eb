"""XML written piece by piece: what is said is escaped, and what is not XML left out."""

from __future__ import annotations

import re
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

# Characters that XML 1.0 has no way to say (section 2.2).
_UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Xml:
    """A document in UTF-8 that goes out as it is written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._write('<?xml version="1.0" encoding="utf-8"?>\n')

    def open(self, tag: str, **attributes: str) -> None:
        """Begin an element. ``dsq__id`` is the attribute ``dsq:id``."""
        said = "".join(
            f" {name.replace('__', ':')}={quoteattr(_sayable(value))}"
            for name, value in attributes.items()
        )
        self._write(f"<{tag}{said}>")

    def close(self, tag: str) -> None:
        """End it."""
        self._write(f"</{tag}>\n")

    def leaf(self, tag: str, text: str = "", **attributes: str) -> None:
        """An element that holds nothing but a text."""
        self.open(tag, **attributes)
        self._write(escape(_sayable(text)) + f"</{tag}>")

    def _write(self, text: str) -> None:
        self._out.write(text.encode())


def _sayable(text: str) -> str:
    return _UNSAYABLE.sub("", text)
