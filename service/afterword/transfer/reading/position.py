"""Where in a file a fault is, as editors count: in lines and in characters, both from 1."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Self

BOM = b"\xef\xbb\xbf"
_AT_ONCE = 64 * 1024
_GOES_ON = bytes(range(0x80, 0xC0))  # each byte of a character but the first
_BLANKS = re.compile(r"[ \t\r\n]*")


class Position(NamedTuple):
    """A place in a text in UTF-8, or in any encoding that has lines as ASCII does."""

    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"

    def after(self, piece: bytes) -> Self:
        """The place behind a piece of the text that begins here."""
        line, column = self
        if b"\n" in piece:
            line, column = line + piece.count(b"\n"), 1
        letters = piece.rpartition(b"\n")[2].translate(None, _GOES_ON)
        return self._replace(line=line, column=column + len(letters))


START = Position()


def of_byte(file: BinaryIO, byte: int) -> Position:
    """Where the byte with this number is, from 0. Reads the file up to it."""
    place = START
    for piece in _pieces(file):
        behind = file.tell() - byte
        place = place.after(piece[: len(piece) - behind] if behind > 0 else piece)
        if behind >= 0:
            break
    return place


def not_utf_8(file: BinaryIO) -> Position | None:
    """Where the first byte is that no text in UTF-8 has there."""
    decoder, start = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        for piece in _pieces(file):
            start = file.tell() - len(piece) - len(decoder.getstate()[0])
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return of_byte(file, start + error.start)
    return None


def of_fields(line: str) -> dict[str, int]:
    """The columns of the values of an object in JSON on a line, by the names of its fields."""
    columns: dict[str, int] = {}
    scan = json.JSONDecoder().raw_decode
    at = _blanks(line, 0)
    while line[at] != "}":
        at = _blanks(line, at + 1)
        if line[at] == "}":
            break
        name, at = scan(line, at)
        at = _blanks(line, _blanks(line, at) + 1)
        columns[name] = at + 1
        _, at = scan(line, at)
        at = _blanks(line, at)
    return columns


def _blanks(line: str, at: int) -> int:
    found = _BLANKS.match(line, at)
    return found.end() if found else at


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    if file.read(len(BOM)) != BOM:
        file.seek(0)
    while piece := file.read(_AT_ONCE):
        yield piece
