"""Tables of mentions that are not looked after yet, and of those that we made."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock, ids
from afterword.core.db import Model


class Asked(Model):
    """That a page elsewhere is said to mention one of ours. Goes once that was looked after."""

    __tablename__ = "mentions_asked"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # digest of source and target
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(2100))
    target: Mapped[str] = mapped_column(String(2100))
    tries: Mapped[int] = mapped_column(default=0)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)


class Told(Model):
    """That a comment of an owner's links to a page elsewhere, which is told of it."""

    __tablename__ = "mentions_told"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    target: Mapped[str] = mapped_column(String(2100))
    tries: Mapped[int] = mapped_column(default=0)
    at: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # when it took notice
