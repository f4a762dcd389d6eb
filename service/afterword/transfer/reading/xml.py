"""XML as a stream of the elements that are asked for, each forgotten when the next is read.

Hostile files are expected: no DTD and so no entities (defusedxml), no text without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from afterword.transfer.reading import BadFile
from afterword.transfer.reading.declare import Changes, declaring
from afterword.transfer.reading.position import Position

MOST_TEXT = 16 * 1024 * 1024  # characters between two tags, and bytes of a tag
MOST_VALUE = 64 * 1024 * 1024  # characters of one element that is asked for
MOST_PARTS = 500_000  # elements within it
MOST_DEPTH = 100
_AT_ONCE = 64 * 1024
# Control characters are not XML, whatever exports hold; a blank for each keeps the columns right.
_CONTROLS = bytes.maketrans(bytes(set(range(32)) - {9, 10, 13}), b" " * 29)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def elements(file: BinaryIO, *tags: str) -> Iterator[tuple[Element, int]]:
    """Each element with one of these tags, of whatever namespace, and the line on which it ends.

    One within another stays part of it. Tags are named without their namespaces, in which alone
    versions of one format differ. Raises BadFile, with line and column.
    """
    tree = _Tree(tags)
    parser = DefusedXMLParser(target=tree, forbid_dtd=True)
    tree.expat = parser.parser
    try:
        fed = 0
        for piece in _pieces(file, tree):
            parser.feed(piece)
            fed += len(piece)
            tree.wait(fed)
            yield from tree.taken()
        parser.close()
        yield from tree.taken()
    except ParseError as error:
        line, column = error.position
        place = tree.changes.place(line, column + 1)
        why = str(error).rpartition(":")[0] or str(error)
        raise BadFile(f"{place}: not well-formed XML ({why})") from None
    except DefusedXmlException:
        raise BadFile(f"{tree.place}: it has a DTD or entities, which no export has") from None
    except _TooMuch as error:
        raise BadFile(f"{tree.place}: {error}") from None
    except (LookupError, ValueError):  # expat asks Python for encodings that it does not know
        why = "it names an encoding that cannot be read. Save it as UTF-8."
        raise BadFile(f"{tree.place}: {why}") from None


def text(element: Element | None, tag: str = "") -> str:
    """What an element says, or its first child with this tag, without the blanks around it."""
    found = element.find(tag) if element is not None and tag else element
    return (found.text or "").strip() if found is not None else ""


class _TooMuch(Exception):
    """More than any export holds."""


class _Tree:
    """A parser's target that builds only the elements asked for, so that memory is constant."""

    expat: Any
    changes = Changes()

    def __init__(self, tags: tuple[str, ...]) -> None:
        self._tags = frozenset(tags)
        self._builder = TreeBuilder()
        self._depth = self._length = self._whole = self._parts = 0
        self._done: list[tuple[Element, int]] = []

    @property
    def place(self) -> Position:
        expat = self.expat
        return self.changes.place(expat.CurrentLineNumber, expat.CurrentColumnNumber + 1)

    def taken(self) -> list[tuple[Element, int]]:
        """The elements that are complete, once."""
        done, self._done = self._done, []
        return done

    def wait(self, fed: int) -> None:
        """Look how much of the bytes so far has no end yet, and so is kept."""
        if fed - self.expat.CurrentByteIndex > MOST_TEXT:
            raise _TooMuch(f"a tag or a remark of more than {MOST_TEXT // 2**20} million bytes")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition("}")[2]
        if self._depth:
            if self._depth == MOST_DEPTH:
                raise _TooMuch(f"elements are nested more than {MOST_DEPTH} deep")
        elif tag in self._tags:
            self._builder = TreeBuilder()
        else:
            return
        self._depth += 1
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise _TooMuch("one element that is larger than any export's")
        self._length = 0
        self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        if self._depth:
            self._depth -= 1
            self._length = 0
            self._builder.end(tag)
            if not self._depth:
                self._whole = self._parts = 0
                self._done.append((self._builder.close(), self.place.line))

    def data(self, words: str) -> None:
        if self._depth:
            self._length += len(words)
            self._whole += len(words)
            if self._length > MOST_TEXT:
                raise _TooMuch(f"a text of more than {MOST_TEXT // 2**20} million characters")
            if self._whole > MOST_VALUE:
                raise _TooMuch("one element that is larger than any export's")
            self._builder.data(words)

    def close(self) -> None:
        """Nothing is left to hand over."""


def _pieces(file: BinaryIO, tree: _Tree) -> Iterator[bytes]:
    file.seek(0)
    first = file.read(_AT_ONCE)
    is_ascii_like = not first.startswith(_UTF_16)
    if is_ascii_like:
        first, tree.changes = declaring(first.translate(_CONTROLS))
    yield first
    while piece := file.read(_AT_ONCE):
        yield piece.translate(_CONTROLS) if is_ascii_like else piece
