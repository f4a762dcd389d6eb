"""JSON in every shape that exports have, as a stream of objects: one value, several, one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped]  # publishes no types

from afterword.transfer.reading import BadFile

MOST_VALUE = 16 * 1024 * 1024  # characters of one object
_BOM = b"\xef\xbb\xbf"
# NUL and lone surrogates, which no database takes; in UTF-8 only escapes can say them.
_WORD = re.compile(r"\S")
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


def member(file: BinaryIO, name: str) -> Any:
    """One field of the object that a file is; None where it has none. Raises BadFile."""
    return next(_stream(file, name), None)


def is_json(file: BinaryIO) -> bool:
    """Whether a file begins as an object or an array does."""
    return _first(file) in {b"[", b"{"}


def storable(said: Any) -> Any:
    """The same without what no database takes."""
    if isinstance(said, str):
        return _UNSTORABLE.sub("", said)
    if isinstance(said, list):
        return [storable(one) for one in said]
    if isinstance(said, dict):
        return {storable(name): storable(value) for name, value in said.items()}
    return said


def _first(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(4096).removeprefix(_BOM).lstrip()
    return start[:1]


def _stream(file: BinaryIO, prefix: str) -> Iterator[Any]:
    file.seek(0)
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)
    try:
        for value in ijson.items(file, prefix, multiple_values=True, use_float=True):
            yield storable(value)
    except (ijson.JSONError, UnicodeDecodeError, ValueError):
        raise BadFile(_fault(file)) from None


def _fault(file: BinaryIO) -> str:
    """Where the first fault is. The streaming reader does not say, so the file is read again."""
    file.seek(0)
    decoder = json.JSONDecoder()
    try:
        said = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return f"byte {error.start}: not UTF-8"
    at = 0
    try:
        while at < len(said):
            _, at = decoder.raw_decode(said, at)
            more = _WORD.search(said, at)
            at = more.start() if more else len(said)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: not well-formed JSON ({error.msg})"
    except RecursionError:
        return "the JSON is nested too deeply"
    return "not well-formed JSON"
