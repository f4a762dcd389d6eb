"""Copies of an SQLite database by the clock, beside the service, the oldest ones removed."""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from afterword.core import clock
from afterword.core.config import Settings
from afterword.operate.backup import CannotBackUp, backup, sweep

FOLDER: Final = "backups"  # in the data folder
# Also how long after a start the first look is: commands and tests are over by then.
LOOK_SECONDS: Final = 300.0
STOP_SECONDS: Final = 1.0
_BEGINS: Final = "scheduled-"
_STAMP: Final = "%Y%m%dT%H%M%SZ"

_log = logging.getLogger("afterword.backup")


class Schedule:
    """A thread that makes a copy whenever one is due, until it is stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="backups", daemon=True)

    def start(self) -> None:
        """Begin, in the process that is to do the work: no thread survives a fork."""
        if self._settings.sqlite_path is not None and self._settings.backup_hours:
            self._thread.start()

    def stop(self) -> None:
        """Begin no other copy. One that is being made is never taken for whole, and swept later."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _go_on(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                run_due(self._settings)
            except (CannotBackUp, OSError) as error:
                _log.error("no copy was made: %s", error)
            except Exception:
                _log.exception("no copy was made")  # the next one may be: the thread goes on


def run_due(settings: Settings) -> Path | None:
    """Make the copy that is due and remove those that are too many; None where none is due.

    Of several processes one makes it. Raises CannotBackUp; then the older copies all stay.
    """
    folder = settings.data / FOLDER
    if settings.sqlite_path is None or not settings.sqlite_path.exists():
        return None
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder) as is_alone:
        if not is_alone:
            return None
        sweep(folder, beginning=_BEGINS)
        if not _is_due(settings):
            return None
        _refuse_without_room(settings, folder)
        file = folder / f"{_BEGINS}{clock.now().strftime(_STAMP)}.db"
        count = backup(settings, file)
        _log.info("a copy was made", extra={"more": {"file": file.name, "comments": count}})
        for old in _past(settings)[: -settings.backup_keep]:
            old.unlink()
        return file


def made(settings: Settings) -> list[Path]:
    """The copies made so, the oldest first. Copies by command and before upgrades are others."""
    return sorted((settings.data / FOLDER).glob(f"{_BEGINS}*.db"), key=_moment)


def room(settings: Settings) -> int:
    """How many bytes have to be free for a copy to be made; 0 where none are made here.

    Twice the database: a copy must not take the room that the database itself needs to go on.
    """
    database = settings.sqlite_path
    if database is None or not database.exists() or not settings.backup_hours:
        return 0
    return 2 * database.stat().st_size


def _past(settings: Settings) -> list[Path]:
    """Those among them that count. One from the future shows that the clock was wrong for a while.

    Were it the newest, each look would make a copy, and these would push the older ones out. It
    stays until its time has come.
    """
    now = clock.now()
    return [file for file in made(settings) if _moment(file) <= now]


def _moment(file: Path) -> dt.datetime:
    stamp = file.stem.removeprefix(_BEGINS)
    try:
        return dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=clock.UTC)
    except ValueError:  # somebody's own file
        return dt.datetime.fromtimestamp(file.stat().st_mtime, clock.UTC)


def _is_due(settings: Settings) -> bool:
    copies = _past(settings)
    if not copies:
        return True
    return clock.now() - _moment(copies[-1]) >= dt.timedelta(hours=settings.backup_hours)


def _refuse_without_room(settings: Settings, folder: Path) -> None:
    free, needed = shutil.disk_usage(folder).free, room(settings)
    if free < needed:
        raise CannotBackUp(
            f"{free // 2**20} MiB are free beside the data, and a copy is made where "
            f"{needed // 2**20} are: make room, or keep fewer copies (AFTERWORD_BACKUP_KEEP)."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process is at it: held until the block ends."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
