"""Table of what was decided."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock
from afterword.core.db import Model


class Act(Model):
    """One line of the audit log: who did what to which comment, and what was there before."""

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_comment", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    by: Mapped[str] = mapped_column(String(254))  # a moderator's e-mail, "author" or "command line"
    verb: Mapped[str] = mapped_column(String(20))  # approve spam remove restore edit
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    state_before: Mapped[str] = mapped_column(String(10))
    text_before: Mapped[str | None] = mapped_column(Text)
