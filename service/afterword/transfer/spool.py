"""What is too much for memory, set aside on the disk: a file of any size imports in little."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Self, TypeVar

# Objects that are written together: what they share, like the names of their fields, once.
_TOGETHER = 100

T = TypeVar("T")


class Spool(Generic[T]):
    """Objects in the order in which they were put. The file has no name: nobody else reads it."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._many = 0
        self._waiting: list[T] = []

    def put(self, one: T) -> None:
        self._waiting.append(one)
        self._many += 1
        if len(self._waiting) == _TOGETHER:
            self._write()

    def __len__(self) -> int:
        return self._many

    def __iter__(self) -> Iterator[T]:
        self._write()
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield from pickle.load(self._file)  # noqa: S301 - see above

    def _write(self) -> None:
        if self._waiting:
            pickle.dump(self._waiting, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._waiting = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
