"""Tables of the files that are to be imported, and how far each is."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock, ids
from afterword.core.db import Model, named


class Stage(StrEnum):
    """Where an upload is on its way into a site."""

    SENDING = "sending"  # its parts arrive
    LOOKING = "looking"  # read and planned, nothing is written
    READY = "ready"  # the report is there, the owner decides
    BRINGING = "bringing"  # the comments come in
    DONE = "done"
    FAILED = "failed"


class Upload(Model):
    """A file with comments, and what became of it."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_site_id", "site_id", "at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(String(254))  # a moderator's e-mail
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    name: Mapped[str] = mapped_column(String(200))  # of the file, as its owner knows it
    size: Mapped[int] = mapped_column(default=0)  # bytes that arrived
    parts: Mapped[int] = mapped_column(default=0)  # that arrived
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see ``choices``
    stage: Mapped[Stage] = mapped_column(named(Stage), default=Stage.SENDING)
    step: Mapped[str | None] = mapped_column(String(10))  # a ``progress.Step``
    done: Mapped[int] = mapped_column(default=0)  # of this step, in comments
    total: Mapped[int] = mapped_column(default=0)  # of this step, 0: not known yet
    starts: Mapped[int] = mapped_column(default=0)  # how often this stage was begun
    beat: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # last heard of at work
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    fault: Mapped[str | None] = mapped_column(String(500))


class Part(Model):
    """A piece of the file. In the database, where each process of each host finds it."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
