"""Tables of mentions that are not looked after yet, of those that we made, of posts followed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, String
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


class Followed(Model):
    """That a page's post on the fediverse is asked for replies, and how that went last."""

    __tablename__ = "posts_followed"

    page_id: Mapped[int] = mapped_column(
        ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True
    )
    post: Mapped[str] = mapped_column(String(2100))
    turn: Mapped[int] = mapped_column(default=0)  # only the job of this one asks
    etag: Mapped[str | None] = mapped_column(String(200))
    lively: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)  # last news
    asked: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    fault: Mapped[str | None] = mapped_column(String(300))  # why the last time brought nothing
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    refused: Mapped[list[str]] = mapped_column(JSON, default=list)  # digests of what is not taken


class Heard(Model):
    """A comment that is a reply to a page's post, by the address at which its server tells of it.

    It stays when the comment is erased: else the next look would bring it back.
    """

    __tablename__ = "replies_heard"

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    post: Mapped[str] = mapped_column(String(2100))
    address: Mapped[str] = mapped_column(String(2200))
    seen: Mapped[str] = mapped_column(String(64))  # digest of what it said when last looked at
