"""What is in a file that was packed: exports come as gzip, or as an archive with one file in it."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from afterword.transfer.reading import BadFile

MOST_BYTES = 2 * 1024 * 1024 * 1024
# Texts become some ten times smaller when they are packed. What becomes so much smaller is none.
MOST_TIMES = 100
_FREE = 64 * 1024 * 1024  # bytes from which on that is looked at
_AT_ONCE = 1024 * 1024
_DECLARED = re.compile(r"""\A(<\?xml\b[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')""")
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
# What archives hold besides: folders, and what systems put there for themselves.
_LITTER = re.compile(r"(?:.*/|__MACOSX/.*|(?:.*/)?(?:\._.*|\.DS_Store|Thumbs\.db))")
# Google's Takeout packs a blog's comments with its theme, settings and pictures.
_TAKEOUT = re.compile(r"(?:.*/)?Blogger/Blogs/[^/]+/feed\.atom")
# An archive of files that belong together, one a comment, is for its importer to read: also one of
# a single comment, where only Staticman writes so.
_ONE_EACH = re.compile(r".*\.(?:ya?ml|json)", re.IGNORECASE)
_COMMENT = re.compile(r".*\.ya?ml", re.IGNORECASE)


@contextmanager
def unpacked(file: BinaryIO, folder: Path) -> Iterator[BinaryIO]:
    """The file itself, or what is packed in it. Raises BadFile."""
    with ExitStack() as copies:
        if not file.seekable():
            file = _copied(file, folder, copies)
        start = file.read(len(_ZIP))
        file.seek(0)
        if start.startswith(_GZIP):
            packed = file.seek(0, os.SEEK_END)
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as members:
                file = _copied(cast(BinaryIO, members), folder, copies, packed=packed)
        elif start == _ZIP:
            file = _member(file, folder, copies)
        yield _in_utf_8(file, folder, copies)


def _in_utf_8(file: BinaryIO, folder: Path, copies: ExitStack) -> BinaryIO:
    """The file, which PowerShell's ``>`` and spreadsheets write as UTF-16, as all else is read."""
    start = file.read(len(codecs.BOM_UTF16_LE))
    file.seek(0)
    if start not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return file
    copy = copies.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
    words = io.TextIOWrapper(file, encoding="utf-16", newline="")
    try:
        piece = _DECLARED.sub(r"\1", words.read(_AT_ONCE))
        while piece:
            copy.write(piece.encode())
            piece = words.read(_AT_ONCE)
    except UnicodeError:
        raise BadFile(
            "The file begins as UTF-16 and goes on otherwise. Save it as UTF-8."
        ) from None
    finally:
        words.detach()
    copy.seek(0)
    return cast(BinaryIO, copy)


def too_many(names: Sequence[str]) -> BadFile:
    """The refusal of an archive whose files are no one export."""
    several = ", ".join(names[:5]) or "nothing"
    return BadFile(f"The archive holds {several}. Unpack it and import the files one by one.")


def _member(file: BinaryIO, folder: Path, copies: ExitStack) -> BinaryIO:
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not _LITTER.fullmatch(name)]
            name = _only(names)
            if name is not None:
                packed = archive.getinfo(name).compress_size
                with archive.open(name) as member:
                    return _copied(cast(BinaryIO, member), folder, copies, packed=packed)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise BadFile("The archive is damaged or encrypted: it cannot be unpacked.") from None
    file.seek(0)
    return file


def _only(names: list[str]) -> str | None:
    """The member to read; None for an archive that is read as a whole. Raises BadFile."""
    blogs = [name for name in names if _TAKEOUT.fullmatch(name)]
    for found in (blogs, names):
        if len(found) == 1 and not _COMMENT.fullmatch(found[0]):
            return found[0]
    if not blogs and names and all(_ONE_EACH.fullmatch(name) for name in names):
        return None
    raise too_many(blogs or names)


def _copied(
    source: BinaryIO, folder: Path, copies: ExitStack, *, packed: int | None = None
) -> BinaryIO:
    """A copy of a file; of one that was ``packed`` in so many bytes what it held."""
    copy = copies.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
    many = 0
    try:
        while piece := source.read(_AT_ONCE):
            many += len(piece)
            if many > MOST_BYTES:  # a few kB of gzip can say a terabyte
                raise BadFile("The file is larger than 2 GiB. Split it and import the parts.")
            if packed is not None and many > max(_FREE, packed * MOST_TIMES):
                raise BadFile("What is packed in the file is far larger than any export becomes.")
            copy.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadFile("The file is damaged or cut off: it cannot be unpacked.") from None
    copy.seek(0)
    if packed is not None and copy.read(len(_ZIP)).startswith((_GZIP, _ZIP)):
        raise BadFile("The file is packed twice. Unpack it once and import what is in it.")
    copy.seek(0)
    return cast(BinaryIO, copy)
