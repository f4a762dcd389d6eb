"""What is too much for memory, set aside on the disk: a file of any size imports in little."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Self, TypeVar

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
