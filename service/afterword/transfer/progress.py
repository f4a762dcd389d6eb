"""How far an import is, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Step(StrEnum):
    """What an import does, one after the other, over all comments."""

    READING = "reading"  # the file: how much is in it is not known yet
    PLANNING = "planning"
    RENDERING = "rendering"
    WRITING = "writing"


class Progress:
    """Told of each step. This one keeps it to itself; those who show something inherit."""

    def over(self, step: Step, items: Iterable[T], many: int | None) -> Iterable[T]:  # noqa: ARG002
        """Hand the items of a step on, outside any transaction. ``many``: how many, if known."""
        return items

    def wrote(self, done: int, many: int) -> None:
        """So many of the comments are in the database now. After each transaction."""
