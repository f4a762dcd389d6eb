"""The table of jobs, which is the outbox."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock
from afterword.core.db import Model


class Job(Model):
    """One piece of work. A row goes when it is done; one that is given up, dead, stays a while."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "died", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # a name in ``kinds``
    # What its kind is called with: ids and no words, so that what is erased is nowhere left.
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    once: Mapped[str | None] = mapped_column(String(60), index=True)  # see ``queue.add``
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    # When it may be taken. Whoever takes it moves this on: for as long the job is theirs.
    due: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))  # why the last try failed
    died: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    told: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # when owners heard of that
