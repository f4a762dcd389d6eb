"""Tables of sites, their origins, and whom readers can sign in with."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from afterword.core import clock
from afterword.core.db import Model, named


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


class ProviderKind(StrEnum):
    """Of whom readers' identities are asked, each in its own way."""

    GITHUB = "github"
    GOOGLE = "google"
    GITLAB = "gitlab"
    MASTODON = "mastodon"
    OIDC = "oidc"  # whoever speaks OpenID Connect


class Provider(Model):
    """Somebody with whom readers can sign in, on every site of the service."""

    __tablename__ = "providers"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)  # in addresses
    kind: Mapped[ProviderKind] = mapped_column(named(ProviderKind))
    label: Mapped[str] = mapped_column(String(40))  # as readers see it
    issuer: Mapped[str] = mapped_column(String(300), default="")
    client_id: Mapped[str] = mapped_column(String(300), default="")
    # It has to be told again, so it cannot be kept as a digest.
    client_secret: Mapped[str] = mapped_column(String(500), default="")
    # Whether an address that it calls verified is taken for its owner's.
    trusts_email: Mapped[bool] = mapped_column(default=False)
