"""Does what is due, beside the threads that answer requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from afterword.core import metrics, registry
from afterword.core.db import db
from afterword.jobs import queue
from afterword.jobs.kinds import KINDS, Failed, Hopeless
from afterword.jobs.queue import Claim

LOOK_SECONDS: Final = 1.0
# How long a stop waits for the job at hand. One that takes longer is done again, by the next.
STOP_SECONDS: Final = 5.0

_log = logging.getLogger("afterword.jobs")


class Worker:
    """A thread that does jobs of these kinds until it is stopped.

    ``context`` is what the database is used in.
    """

    def __init__(
        self, context: Callable[[], AbstractContextManager[Any]], kinds: Collection[str]
    ) -> None:
        self._context = context
        self._kinds = kinds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin, in the process that is to do the work: no thread survives a fork."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand and take no other."""
        self._stopped.set()
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while not self._stopped.is_set():
            if not self._do_one():
                self._stopped.wait(LOOK_SECONDS)

    def _do_one(self) -> bool:
        try:
            with self._context():
                return do_next(self._kinds)
        except SQLAlchemyError as error:  # the database is away, or kept by somebody: later
            _log.warning("cannot look for jobs: %s", type(error).__name__)
        except Exception:
            _log.exception("cannot look for jobs")  # the next one may be whole: the thread goes on
        return False


def do_next(kinds: Collection[str] | None = None) -> bool:
    """Do the job that is due longest, of these kinds where any are said.

    Answers whether there was one. Whatever fails waits.
    """
    claimed = queue.claim(kinds)
    if claimed is None:
        return False
    try:
        registry.load(KINDS[claimed.kind])(**claimed.payload)
    except Hopeless as reason:
        _put_back(claimed, str(reason), is_hopeless=True)
    except Failed as reason:
        _put_back(claimed, str(reason))
    except Exception as error:
        _log.exception("a job of kind %s failed by a fault of ours", claimed.kind)
        _put_back(claimed, f"A fault of ours, {type(error).__name__}: see the log.")
    else:
        queue.finish(claimed)
        _count(claimed, "done")
    return True


def _put_back(claimed: Claim, fault: str, *, is_hopeless: bool = False) -> None:
    db.session.rollback()
    is_dead = queue.put_back(claimed, fault, is_hopeless=is_hopeless)
    _count(claimed, "dead" if is_dead else "failed")
    what = "is given up" if is_dead else "will be tried again"
    _log.warning("job %d (%s) %s: %s", claimed.id, claimed.kind, what, fault)


def _count(claimed: Claim, end: str) -> None:
    if (counted := metrics.current()) is not None:
        counted.job_ended(claimed.kind, end)
