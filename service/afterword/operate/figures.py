"""What the database knows of how the service is, for ``/metrics``: found out when it is asked."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from afterword.core import changes, clock
from afterword.core.config import Settings
from afterword.core.db import db
from afterword.jobs.models import Job
from afterword.operate import health
from afterword.operate.glance import Glance
from afterword.operate.health import Health
from afterword.threads.models import Comment, State

# Counting millions of comments takes a moment: however often somebody asks, not more often.
FRESH_SECONDS = 15.0


@dataclass(frozen=True)
class Figures:
    """How much there is, and how long it waits."""

    comments: dict[str, int]  # by state
    waits: float  # seconds since the oldest comment came that nobody decided over
    jobs: int
    overdue: float  # seconds since the oldest job was due
    dead: int
    size: int  # bytes


class Stored:
    """A collector of ``Figures``, in an application's context (prometheus_client's Collector)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._taken = 0.0
        self._glance = Glance[Figures | None](None)

    def collect(self) -> Iterator[Any]:
        """The figures as gauges; while the database is away, those that are not in it."""
        from prometheus_client.core import GaugeMetricFamily

        found = None if changes.is_cut_off() else self._glance.ask(self._look)
        state = health.look(self._settings, size=found.size if found else None)
        for name, says, figure in _rows(found, state):
            gauge = GaugeMetricFamily(name, says)
            gauge.add_metric([], figure)
            yield gauge
        about = GaugeMetricFamily(
            "afterword_build_info", "Which version runs.", labels=["version", "database"]
        )
        about.add_metric([state.version, state.database], 1)
        yield about
        if found is None:
            return
        by_state = GaugeMetricFamily(
            "afterword_comments", "Comments in the database.", labels=["state"]
        )
        for one in State:
            by_state.add_metric([one.value], found.comments.get(one.value, 0))
        yield by_state

    def _look(self, last: Figures | None) -> Figures | None:
        if last is not None and time.monotonic() - self._taken <= FRESH_SECONDS:
            return last
        try:
            found = look(self._settings)
        except SQLAlchemyError:
            return None
        self._taken = time.monotonic()
        return found


def look(settings: Settings) -> Figures:
    """How things stand now. Inside an application's context."""
    by_state = select(Comment.state, func.count()).group_by(Comment.state)
    counted = {state.value: number for state, number in db.session.execute(by_state)}
    waiting = select(func.min(Comment.created)).where(Comment.state == State.PENDING)
    alive = Job.died.is_(None)
    jobs, overdue = db.session.execute(select(func.count(), func.min(Job.due)).where(alive)).one()
    dead = db.session.scalar(select(func.count()).select_from(Job).where(Job.died.is_not(None)))
    return Figures(
        comments=counted,
        waits=_since(db.session.scalar(waiting)),
        jobs=jobs,
        overdue=_since(overdue),
        dead=dead or 0,
        size=health.size(settings),
    )


def _since(moment: dt.datetime | None) -> float:
    return max(0.0, (clock.now() - moment).total_seconds()) if moment else 0.0


def _rows(found: Figures | None, state: Health) -> Iterator[tuple[str, str, float]]:
    """(name, what it says, value) of what has no label."""
    yield "afterword_database_up", "1 while the database answers.", float(found is not None)
    if found is not None:
        yield from _stored_rows(found)
    if state.size is not None:
        yield "afterword_database_bytes", "Size of the database.", state.size
    if state.free is not None:
        yield "afterword_disk_free_bytes", "Room beside the data.", state.free
    if state.keeps_copies:
        # 0 where none was ever made: then it is as old as can be.
        last = state.copied.timestamp() if state.copied else 0.0
        yield "afterword_last_backup_timestamp_seconds", "When the last copy was made.", last


def _stored_rows(found: Figures) -> Iterator[tuple[str, str, float]]:
    yield "afterword_oldest_pending_seconds", "Age of the oldest comment that waits.", found.waits
    yield "afterword_jobs_waiting", "Jobs that are to be done, those for later too.", found.jobs
    yield "afterword_jobs_overdue_seconds", "How long the oldest job is due.", found.overdue
    yield "afterword_jobs_dead", "Jobs that were given up.", found.dead
