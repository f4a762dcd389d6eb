"""Tables of sites and the origins that may show and post their comments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from afterword.core import clock
from afterword.core.db import Model


class Site(Model):
    """A blog. ``options`` holds only what differs from ``sites.options.Options``."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)  # moves with every change that readers can see
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)

    origins: Mapped[list[Origin]] = relationship(
        back_populates="site", order_by="Origin.id", cascade="all, delete-orphan"
    )


class Origin(Model):
    """An address that belongs to a site. ``host`` decides: http and https count alike."""

    __tablename__ = "origins"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(300))
    host: Mapped[str] = mapped_column(String(300), unique=True)

    site: Mapped[Site] = relationship(back_populates="origins")
