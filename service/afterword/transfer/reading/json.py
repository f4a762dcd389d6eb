"""JSON in every shape that exports have, as a stream of objects: one value, several, one a line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped]  # publishes no types

from afterword.transfer.reading import BadFile, position

# Of one text, and of all from one value to the next: what is more fills the memory.
MOST_TEXT = 16 * 1024 * 1024
MOST_VALUE = 64 * 1024 * 1024
MOST_PARTS = 4_000_000
MOST_DEPTH = 200
_AT_ONCE = 64 * 1024
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# A mark of the encoding, and the line that LeanCloud writes before its JSON lines.
_HEADING = b"#filetype:"
_PREFACE = re.compile(rb"(?:\xef\xbb\xbf)?(?:%s[^\n]{0,1000}\n?)?" % _HEADING)
# NUL and lone surrogates, which no database takes; in UTF-8 only escapes can say them.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def values(file: BinaryIO) -> Iterator[Any]:
    """The values of a file one after another: JSON lines, or joined by blanks or nothing."""
    yield from _stream(file, "")


def items(file: BinaryIO, *path: str) -> Iterator[Any]:
    """The members of the array at a path below the top, ``items(file, "data", "Comment")``.

    Without a path the file is the array itself, or its values stand one after another.
    Raises BadFile with line and column.
    """
    if not path and _first(file) != b"[":
        yield from values(file)
    else:
        yield from _stream(file, ".".join([*path, "item"]))


def rows(file: BinaryIO, *wrapped: tuple[str, ...]) -> Iterator[Any]:
    """The members of the first of the arrays at these paths that has any; where none has, the file
    is the array itself, or its values stand one after another. Raises BadFile."""
    for path in wrapped if _first(file) != b"[" else ():  # each is a reading of the whole file
        row = None
        for row in items(file, *path):
            yield row
        if row is not None:
            return
    for row in items(file):
        if all(_within(row, path) != [] for path in wrapped):
            yield row


def member(file: BinaryIO, name: str) -> Any:
    """One field of the object that a file is; None where it has none. Raises BadFile."""
    return next(_stream(file, name), None)


def is_json(file: BinaryIO) -> bool:
    """Whether a file begins as an object, an array or LeanCloud's lines do."""
    return _first(file) in {b"[", b"{"} or _HEADING in _skip_preface(file)


def is_hollow(file: BinaryIO) -> bool:
    """Whether a file is JSON in which nothing stands, as systems write it that have no comments."""
    is_short = file.seek(0, os.SEEK_END) <= _AT_ONCE
    return is_short and is_json(file) and not any(map(_says, values(file)))


def preface(start: bytes) -> bytes:
    """What stands before the JSON in the beginning of a file, and is none."""
    found = _PREFACE.match(start)
    return found[0] if found else b""


def storable(said: Any) -> Any:
    """The same without what no database takes."""
    if isinstance(said, str):
        return _UNSTORABLE.sub("", said)
    if isinstance(said, list):
        return [storable(one) for one in said]
    if isinstance(said, dict):
        return {storable(name): storable(value) for name, value in said.items()}
    return said


def _says(said: Any) -> bool:
    """Whether there is a text in it, or a list with anything."""
    if isinstance(said, dict):
        return any(map(_says, said.values()))
    return isinstance(said, str | list) and bool(said)


def _within(said: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _first(file: BinaryIO) -> bytes:
    _skip_preface(file)
    return file.read(4096).lstrip()[:1]


def _skip_preface(file: BinaryIO) -> bytes:
    file.seek(0)
    found = preface(file.read(4096))
    file.seek(len(found))
    return found


def _stream(file: BinaryIO, prefix: str) -> Iterator[Any]:
    if not _first(file) and _HEADING in _skip_preface(file):
        return  # a class of LeanCloud without rows
    bounded = _Bounded(file)
    try:
        for value in ijson.items(bounded, prefix, multiple_values=True, use_float=True):
            yield storable(value)
            bounded.begin_anew()
    except _TooMuch as fault:
        raise BadFile(f"about {position.of_byte(file, file.tell())}: {fault}") from None
    except (ijson.JSONError, UnicodeDecodeError, ValueError):
        raise BadFile(_fault(file)) from None


class _TooMuch(Exception):
    """More than any export says in one go."""


class _Bounded:
    """A file that is read no further when what it says would fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = _pieces(file)
        self._length = self._parts = self._text = self._depth = 0
        self._is_within = False  # a text

    def read(self, many: int) -> bytes:
        """The next piece. The reader asks for 0 bytes to see whether it gets bytes."""
        piece = next(self._pieces, b"") if many else b""
        self._length += len(piece)
        between = piece.replace(rb"\\", b"xx").replace(rb"\"", b"xx").split(b'"')
        self._text = len(between[-1]) + (self._text if len(between) == 1 else 0)
        self._look_at(b"".join(between[self._is_within :: 2]))
        self._is_within ^= len(between) % 2 == 0
        if self._text > MOST_TEXT:
            raise _TooMuch(f"a text of more than {MOST_TEXT // 2**20} million characters")
        if self._length > MOST_VALUE or self._parts > MOST_PARTS:
            raise _TooMuch("one object that is larger than any export's")
        return piece

    def _look_at(self, marks: bytes) -> None:
        """Count what stands outside of texts."""
        self._parts += marks.count(b",") + marks.count(b"[") + marks.count(b"{")
        for bracket in marks.translate(None, _NO_BRACKETS):
            self._depth += 1 if bracket in b"[{" else -1
            if self._depth > MOST_DEPTH:
                raise _TooMuch("the JSON is nested too deeply")

    def begin_anew(self) -> None:
        """Count what comes for the next value."""
        self._length = self._parts = 0


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file in parts, of which none ends within an escape."""
    _skip_preface(file)
    while piece := file.read(_AT_ONCE):
        while piece.endswith(b"\\") and len(piece) <= MOST_TEXT:
            more = file.read(_AT_ONCE)
            piece += more
            if not more:
                break
        yield piece


def _fault(file: BinaryIO) -> str:
    """Where the first fault is. The streaming reader does not say, so the file is read again: to
    the piece that has it, and then that one byte by byte."""
    if place := position.not_utf_8(file):
        return f"{place}: not UTF-8"
    place = position.START.after(_skip_preface(file).removeprefix(position.BOM))
    whole = sum(1 for _ in _taken(_pieces(file)))
    pieces = _pieces(file)
    bytewise = (bytes([byte]) for piece in pieces for byte in piece)
    for taken in _taken(chain(islice(pieces, whole), bytewise)):
        place = place.after(taken)
    return f"{place}: not well-formed JSON"


def _taken(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces before the first that no JSON goes on with."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, multiple_values=True, use_float=True)
    try:
        for piece in pieces:
            parser.send(piece)
            events.clear()
            yield piece
    except (ijson.JSONError, ValueError):
        return
