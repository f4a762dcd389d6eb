"""What a file looks like, for telling formats apart by content: names of files say nothing."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from afterword.transfer.reading import json, sqlite

_LOOKED_AT = 64 * 1024
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Sample:
    """How a file begins, without blanks and what stands before them as its preface; its tables if
    it is a database, its members if it is an archive."""

    start: bytes
    preface: bytes = b""
    tables: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()


def look(file: BinaryIO) -> Sample:
    """A sample of a file, which is at its beginning before and after."""
    start = file.read(_LOOKED_AT)
    if sqlite.is_one(file):
        return Sample(start, tables=sqlite.tables(file))
    if start.startswith(_ZIP):
        with zipfile.ZipFile(file) as archive:
            members = tuple(archive.namelist())
        file.seek(0)
        return Sample(_ZIP, members=members)  # not what is in it, which may be packed or not
    file.seek(0)
    preface = json.preface(start)
    return Sample(start.removeprefix(preface).lstrip(), preface=preface)
