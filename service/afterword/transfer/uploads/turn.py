"""Keeps an upload at work: a job that looks after a process of its own until it has ended.

Rendering many thousands of comments takes a processor for minutes. In this process it would take
it from readers; in another one, at low priority, they go first, and mails are not kept waiting.
"""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
from typing import Final

from sqlalchemy import or_, update

from afterword.core import clock
from afterword.core.db import transaction
from afterword.jobs import queue
from afterword.transfer.uploads import acts
from afterword.transfer.uploads.models import Stage, Upload

LOOK_EACH: Final = dt.timedelta(seconds=1)
# Whoever was not heard of for so long is gone, with its host maybe: another one takes over.
PATIENCE: Final = dt.timedelta(minutes=2)
MOST_STARTS: Final = 3
END_SECONDS: Final = 5.0

_log = logging.getLogger("afterword.uploads")
_running: dict[str, subprocess.Popen[bytes]] = {}


def take(upload_id: str) -> None:
    """See that somebody works on it, and look again in a moment; until it is done."""
    upload = acts.find(upload_id)
    child = _running.get(upload_id)
    if upload is None or upload.stage not in acts.AT_WORK:
        _end(_running.pop(upload_id, None))
        return
    if child is not None and child.poll() is not None:
        del _running[upload_id]
        if child.returncode:  # one that did its stage leaves the next one to whoever has claimed it
            _log.warning("the import of upload %s ended with code %d", upload_id, child.returncode)
            acts.release(upload_id)
        child = None
    # One that is about to end its last stage is let go first.
    if child is None and _claim(upload_id):
        _running[upload_id] = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "afterword", "import-upload", upload_id]
        )
    with transaction():
        queue.add("upload", {"upload_id": upload_id}, due=clock.now() + LOOK_EACH)


def _end(child: subprocess.Popen[bytes] | None) -> None:
    """See a process out whose work is done, or is not wanted any more."""
    if child is None:
        return
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _claim(upload_id: str) -> bool:
    """Whether nobody is at work on it; then the caller is to be. Too often in vain: it failed."""
    now = clock.now()
    is_free = or_(Upload.beat.is_(None), Upload.beat < now - PATIENCE)
    with transaction() as session:
        claimed = session.execute(
            update(Upload)
            .where(Upload.id == upload_id, Upload.stage.in_(acts.AT_WORK), is_free)
            .values(beat=now, starts=Upload.starts + 1)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
        upload = session.get(Upload, upload_id, populate_existing=True)
        if claimed and upload is not None and upload.starts > MOST_STARTS:
            upload.stage = Stage.FAILED
            upload.fault = (
                f"It was begun {MOST_STARTS} times and ended each time without a word: the "
                "machine may lack memory or disk. What came in stays. The service's log says more."
            )
            return False
    return bool(claimed)
