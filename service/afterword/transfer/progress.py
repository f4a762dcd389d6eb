"""How far an import is, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Step(StrEnum):
    """What an import does, one after the other."""

    READING = "reading"  # the file: each comment finds its page and is rendered
    WRITING = "writing"  # all of them


class Progress:
    """Told of each step. This one keeps it to itself; those who show something inherit."""

    def reading(self, records: Iterable[T], part: Callable[[], float]) -> Iterable[T]:  # noqa: ARG002
        """Hand on what is read, outside any transaction. ``part`` says how much of the file was
        read by now, from 0 to 1: how many records are in it is not known yet."""
        return records

    def wrote(self, done: int, many: int) -> None:
        """So many of the comments are in the database now. After each transaction."""
