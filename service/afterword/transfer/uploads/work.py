"""The work on an upload, in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from sqlalchemy import delete, update

from afterword.core import clock
from afterword.core.db import transaction
from afterword.core.errors import Problem
from afterword.sites import directory
from afterword.transfer.progress import Progress, Step
from afterword.transfer.reading import BadFile
from afterword.transfer.report import Report
from afterword.transfer.run import run
from afterword.transfer.uploads import acts
from afterword.transfer.uploads.choices import Chosen
from afterword.transfer.uploads.content import joined
from afterword.transfer.uploads.models import Part, Stage, Upload

BEAT_SECONDS: Final = 0.5
MOST_LISTED: Final = 500  # of each list of the report that is kept
LOOK_EVERY: Final = 64  # records between looks at the clock
PARTS: Final = 1000  # of a file that is read

T = TypeVar("T")


class Gone(Exception):
    """Nobody waits for this work any more: it was dropped, or given to somebody else."""


def work(upload_id: str) -> None:
    """Look through an upload or bring it in, whichever it waits for. Its row says what came of it.

    Begun again after it was cut short, it adds nothing twice.
    """
    upload = acts.find(upload_id)
    if upload is None or upload.stage not in acts.AT_WORK:
        return
    chosen = Chosen.read(upload.chosen)
    try:
        with joined(upload_id) as file:
            report = run(
                chosen.format,
                file,
                site=directory.by_id(upload.site_id),
                choices=chosen.choices(),
                by=upload.by,
                dry_run=upload.stage is Stage.LOOKING,
                progress=_Beat(upload_id),
            )
    except (BadFile, Problem) as error:
        # In words, whatever was refused: begun again it would be refused again.
        _end(upload_id, Stage.FAILED, fault=str(error))
    except Gone:
        return
    else:
        after = Stage.READY if upload.stage is Stage.LOOKING else Stage.DONE
        _end(upload_id, after, report=report)


class _Beat(Progress):
    """Says on the upload's row how far it is, and that somebody is at work on it."""

    def __init__(self, upload_id: str) -> None:
        self._upload_id = upload_id
        self._said = 0.0
        self._service = os.getppid()

    def reading(self, records: Iterable[T], part: Callable[[], float]) -> Iterator[T]:
        self._say(Step.READING, 0, PARTS)
        for done, record in enumerate(records):
            if done % LOOK_EVERY == 0 and time.monotonic() > self._said + BEAT_SECONDS:
                self._say(Step.READING, int(part() * PARTS), PARTS)
            yield record

    def wrote(self, done: int, many: int) -> None:
        self._say(Step.WRITING, done, many)

    def _say(self, step: Step, done: int, many: int) -> None:
        """Raises Gone."""
        with transaction() as session:
            known = session.execute(
                update(Upload)
                .where(Upload.id == self._upload_id, Upload.stage.in_(acts.AT_WORK))
                .values(step=step.value, done=done, total=many, beat=clock.now())
                .execution_options(synchronize_session=False)
            ).rowcount  # type: ignore[attr-defined]
        self._said = time.monotonic()
        if not known:
            raise Gone
        if os.getppid() != self._service:  # it ended: the next one need not wait to begin this
            acts.release(self._upload_id)
            raise Gone


def _end(
    upload_id: str, stage: Stage, *, report: Report | None = None, fault: str | None = None
) -> None:
    with transaction() as session:
        upload = session.get(Upload, upload_id, populate_existing=True, with_for_update=True)
        if upload is None:
            return
        upload.stage, upload.step = stage, None
        upload.fault = fault[:500] if fault else None
        if report is not None:
            upload.report = _kept(report)
        if stage is Stage.DONE:  # what it held is in the site now: no second copy of addresses
            session.execute(delete(Part).where(Part.upload_id == upload_id))


def _kept(report: Report) -> dict[str, object]:
    """The report as the desk shows it: of endless lists their beginnings."""
    said = report.as_json()
    said["places"] = sorted(said["places"], key=lambda place: -place["comments"])[:MOST_LISTED]
    said["together"] = dict(list(report.together().items())[:MOST_LISTED])
    return said
