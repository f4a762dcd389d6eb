"""What is too much for memory, set aside on the disk: a file of any size imports in little."""

from __future__ import annotations

import gzip
import pickle
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Generic, Self, TypeVar, cast

from afterword.transfer.record import BadFile

MOST_BYTES = 1024 * 1024 * 1024
_AT_ONCE = 1024 * 1024
_GZIP = b"\x1f\x8b"

T = TypeVar("T")


class Spool(Generic[T]):
    """Objects in the order in which they were put. The file has no name: nobody else reads it."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._many = 0

    def put(self, one: T) -> None:
        pickle.dump(one, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._many += 1

    def __len__(self) -> int:
        return self._many

    def __iter__(self) -> Iterator[T]:
        self._file.seek(0)
        for _ in range(self._many):
            yield pickle.load(self._file)  # noqa: S301 - see above

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextmanager
def unpacked(file: BinaryIO, folder: Path) -> Iterator[BinaryIO]:
    """The file itself, or what is in it when it is packed with gzip. Raises BadFile."""
    with ExitStack() as copies:
        if not file.seekable():
            file = _copied(file, folder, copies)
        start = file.read(len(_GZIP))
        file.seek(0)
        if start == _GZIP:
            try:
                with gzip.GzipFile(fileobj=file) as members:
                    file = _copied(cast(BinaryIO, members), folder, copies)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise BadFile("The file is damaged or cut off: it cannot be unpacked.") from None
        yield file


def _copied(source: BinaryIO, folder: Path, copies: ExitStack) -> BinaryIO:
    copy = copies.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
    many = 0
    while piece := source.read(_AT_ONCE):
        many += len(piece)
        if many > MOST_BYTES:  # a few kB of gzip can say a terabyte
            raise BadFile("The file is larger than 1 GiB. Split it and import the parts.")
        copy.write(piece)
    copy.seek(0)
    return cast(BinaryIO, copy)
