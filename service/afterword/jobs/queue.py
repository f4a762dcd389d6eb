"""Jobs in and out of their table. At most one worker has a job; none is lost when that one dies."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.jobs.kinds import DIED, OF_THE_DEAD
from afterword.jobs.models import Job

# Longer than nearly every job takes: after it, whoever took the job is taken for dead. One that may
# take longer still has to bear that another worker begins it too, as the removal of a site does.
HELD: Final = dt.timedelta(minutes=3)
MOST_TRIES: Final = 8
FIRST_WAIT: Final = dt.timedelta(seconds=30)
LONGEST_WAIT: Final = dt.timedelta(hours=6)
LATEST: Final = dt.timedelta(days=2)  # no job is noted for later than that
TOLD_APART: Final = dt.timedelta(hours=1)  # what dies within it is told of together
MOST_TOLD: Final = 10_000  # of so many
KEPT: Final = dt.timedelta(days=30)  # that a dead one can be seen, and started anew
_dice = random.SystemRandom()


@dataclass(frozen=True)
class Claim:
    """A job that somebody has taken; ``tries`` counts this one."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    tries: int


def add(
    kind: str,
    payload: Mapping[str, Any],
    *,
    due: dt.datetime | None = None,
    once: str | None = None,
) -> None:
    """Note a job. Inside the transaction whose effect it is: both are kept, or neither.

    ``once`` names what a single job is enough for: while one of that name waits, none is added.
    One that is being done is not enough, it may have looked already.
    """
    if once is None or not _waits(once):
        db.session.add(Job(kind=kind, payload=dict(payload), due=due or clock.now(), once=once))


def add_all(
    kind: str, payloads: Iterable[Mapping[str, Any]], *, due: dt.datetime | None = None
) -> None:
    """Note a job for each of these, however many, by one statement. Inside the transaction too."""
    rows = [{"kind": kind, "payload": dict(one), "due": due or clock.now()} for one in payloads]
    if rows:
        db.session.execute(insert(Job), rows)


def claim(kinds: Collection[str] | None = None) -> Claim | None:
    """Take the job that is due longest, of these kinds where any are said, for ``HELD``.

    None when there is none.
    """
    now = clock.now()
    # What is due later than anything is was noted by a clock that was wrong.
    return _claim(kinds, Job.due <= now) or _claim(kinds, Job.due > now + LATEST)


def _claim(kinds: Collection[str] | None, is_due: ColumnElement[bool]) -> Claim | None:
    due = select(Job).where(Job.died.is_(None), is_due).order_by(Job.due).limit(1)
    if kinds is not None:
        due = due.where(Job.kind.in_(sorted(kinds)))
    # Looked for by a read first: a worker that finds nothing keeps no writer waiting.
    is_any = db.session.scalar(due.with_only_columns(Job.id))
    db.session.commit()
    if is_any is None:
        return None
    with transaction() as session:
        job = session.scalar(due.with_for_update(skip_locked=True))
        if job is None:
            return None
        if job.tries >= MOST_TRIES:  # the last one never came back: it took its worker with it
            job.died, job.fault = clock.now(), "It ended the service each time."
            _let_tell(job.kind)
            return None
        job.tries += 1
        job.due = clock.now() + HELD
        job.fault = None  # until it is put back: by that one tells what waits from what is done
        return Claim(job.id, job.kind, dict(job.payload), job.tries)


def finish(claimed: Claim) -> None:
    """Take a job that is done out of the table, and with it those that died long ago."""
    is_done = and_(Job.id == claimed.id, Job.tries == claimed.tries)
    with transaction() as session:
        session.execute(
            delete(Job)
            .where(or_(is_done, Job.died < clock.now() - KEPT))
            .execution_options(synchronize_session=False)
        )


def put_back(claimed: Claim, fault: str, *, is_hopeless: bool = False) -> bool:
    """Let a job that failed wait for its next try. After the last one it is dead, and is kept.

    Answers whether it is dead.
    """
    dies = is_hopeless or claimed.tries >= MOST_TRIES
    now = clock.now()
    with transaction() as session:
        found = session.execute(
            update(Job)
            .where(Job.id == claimed.id, Job.tries == claimed.tries)
            .values(fault=fault[:500], due=now + wait(claimed.tries), died=now if dies else None)
            .execution_options(synchronize_session=False)
        )
        if dies and found.rowcount:  # type: ignore[attr-defined]
            _let_tell(claimed.kind)
    return dies


def wait(tries: int) -> dt.timedelta:
    """How long a job waits that failed so often: four times longer each time, give or take.

    The dice keep a thousand that failed together from coming back together.
    """
    steady: dt.timedelta = min(FIRST_WAIT * 4 ** min(tries - 1, 9), LONGEST_WAIT)
    return steady * _dice.uniform(0.75, 1.25)


def retry(job_id: int) -> Job:
    """Let a dead job start anew. Inside a transaction. Raises NotFound."""
    job = db.session.get(Job, job_id)
    if job is None or job.died is None:
        raise NotFound(_("There is no dead job %(number)s.", number=str(job_id)))
    job.died, job.tries, job.due, job.told = None, 0, clock.now(), None
    return job


def retry_all() -> int:
    """Let every dead job start anew; answers how many. Inside a transaction."""
    again = db.session.execute(
        update(Job)
        .where(Job.died.is_not(None))
        .values(died=None, tries=0, due=clock.now(), told=None)
        .execution_options(synchronize_session=False)
    )
    return int(again.rowcount)  # type: ignore[attr-defined]


def dead(limit: int = 100) -> list[Job]:
    """The jobs that were given up, the last one first."""
    rows = select(Job).where(Job.died.is_not(None)).order_by(Job.died.desc(), Job.due.desc())
    return list(db.session.scalars(rows.limit(limit)))


def untold() -> list[Job]:
    """The dead jobs that no owner was told of yet, and of which any is told: the first ones."""
    rows = select(Job).where(
        Job.died.is_not(None), Job.told.is_(None), Job.kind.not_in(OF_THE_DEAD)
    )
    return list(db.session.scalars(rows.order_by(Job.died).limit(MOST_TOLD)))


def note_told(jobs: Sequence[Job]) -> bool:
    """Note that owners are told of these jobs; of more than were read, an hour later.

    Answers False when all were told of, or started anew, since they were read. Inside a
    transaction.
    """
    marked = db.session.execute(
        update(Job)
        .where(Job.id.in_([job.id for job in jobs]), Job.died.is_not(None), Job.told.is_(None))
        .values(told=clock.now())
        .execution_options(synchronize_session=False)
    )
    if len(jobs) == MOST_TOLD:
        _let_tell(jobs[-1].kind)
    return bool(marked.rowcount)  # type: ignore[attr-defined]


def waiting(limit: int = 100) -> list[Job]:
    """The jobs that are to be done, in the order in which they are due."""
    rows = select(Job).where(Job.died.is_(None)).order_by(Job.due)
    return list(db.session.scalars(rows.limit(limit)))


def totals() -> tuple[int, int]:
    """How many jobs wait, and how many are dead."""
    alive = func.count().filter(Job.died.is_(None))
    rows = db.session.execute(select(alive, func.count()).select_from(Job)).one()
    return rows[0], rows[1] - rows[0]


def _waits(once: str) -> bool:
    """Whether a job of this name is still to be begun: not before what is written here is seen.

    It is locked until then (not on SQLite, which has one writer), and who claims jobs skips it.
    """
    is_waiting = or_(Job.tries == 0, Job.fault.is_not(None))
    rows = select(Job.id).where(Job.once == once, Job.died.is_(None), is_waiting)
    return db.session.scalar(rows.limit(1).with_for_update(read=True)) is not None


def _let_tell(kind: str) -> None:
    """Let owners be told that a job is dead: at once, or an hour after they were told of others.

    Never of one that was to tell of a dead one. Inside the transaction in which it died.
    """
    if kind not in OF_THE_DEAD:
        told = select(func.max(Job.told)).where(Job.died.is_not(None), Job.told <= clock.now())
        last = db.session.scalar(told)
        add(DIED, {}, due=last + TOLD_APART if last is not None else None, once=DIED)
