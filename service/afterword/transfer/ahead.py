"""Does the work on a file in a process of its own, while its results are worked on in this one.

To take a large export apart needs as much of a processor as to render, and as to find places.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, TypeVar

from afterword.core.batches import batched
from afterword.transfer.reading import BadFile

# Records that go over together: what they share, like the names of their fields, once.
_TOGETHER = 100
_AHEAD = 1024 * 1024  # bytes that wait to be worked on at most
_SMALL = 1024 * 1024  # bytes of a file that is read sooner than a process begins

T = TypeVar("T")


def read(records: Iterable[T], file: BinaryIO) -> Generator[T, None, None]:
    """What comes of this file, in order; raises what working it out raises.

    A small file is read here, and every file where that helps nobody, or is not safe.
    """
    yield from _from_process(records) if _size(file) > _SMALL and _may_part() else records


def part(file: BinaryIO) -> float:
    """How much of the file was read, from 0 to 1, by whichever process."""
    size = _size(file)
    return min(_place(file) / size, 1.0) if size else 1.0


def _may_part() -> bool:
    """Whether there is a processor for it, and nothing that a process made of this one would lack:
    other threads, whose locks it would have and nobody to open them; or a system that allows it."""
    if sys.platform != "linux":
        return False
    return threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _from_process(records: Iterable[T]) -> Iterator[T]:
    processes = multiprocessing.get_context("fork")  # a file that is open cannot be sent to one
    here, there = processes.Pipe(duplex=False)
    with suppress(OSError):  # whose share of memory for pipes is used up reads less far ahead
        fcntl.fcntl(there.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)
    reader = processes.Process(target=_send, args=(records, here, there))
    reader.start()
    there.close()
    with closing(here):
        try:
            while some := _received(here):
                if isinstance(some, BaseException):
                    raise some
                yield from some
        finally:
            reader.terminate()
            reader.join()


def _received(here: Connection) -> Any:
    try:
        return here.recv()
    except (EOFError, OSError):  # the other end is closed: between two messages, or within one
        raise BadFile(
            "The process that read the file was ended, perhaps for want of memory."
            " Nothing is written. Run it again."
        ) from None


def _send(records: Iterable[T], here: Connection, there: Connection) -> None:
    here.close()  # of the other process alone: when that ends, nobody is left to send to
    with closing(there), suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            for some in batched(records, _TOGETHER):
                there.send(some)
            there.send([])
        except Exception as fault:
            there.send(fault)
    for reader in multiprocessing.active_children():  # which would wait for ever to be read
        reader.terminate()


def _size(file: BinaryIO) -> int:
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:  # what is in memory has no descriptor
        return 0


def _place(file: BinaryIO) -> int:
    return os.lseek(file.fileno(), 0, os.SEEK_CUR)
