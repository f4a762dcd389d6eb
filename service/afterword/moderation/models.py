"""Tables of what was decided, of who may not write, and of how comments are searched."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock, ids
from afterword.core.db import Model, named
from afterword.threads.models import State

_NOTED = text("note IS NOT NULL")
_ABOUT = text("subject IS NOT NULL")


class Act(Model):
    """One line of the audit log: who did what to which comment or person, and what was before."""

    __tablename__ = "acts"
    __table_args__ = (
        # With the verb: where only the first column fits a query, SQLite might take another index
        # that fits as well, and read every approval there ever was to find one comment's.
        Index("ix_acts_comment", "comment_id", "verb", "id"),
        # The log, newest first: all of it, one moderator's, of one kind, or both.
        Index("ix_acts_at", "at", "id"),
        Index("ix_acts_by", "by", "at", "id"),
        Index("ix_acts_verb", "verb", "at", "id"),
        Index("ix_acts_by_verb", "by", "verb", "at", "id"),
        Index("ix_acts_site", "site_id", "at", "id"),
        # Few acts have a note, so a search for words reads only those.
        Index("ix_acts_noted", "at", "id", sqlite_where=_NOTED, postgresql_where=_NOTED),
        Index("ix_acts_subject", "subject", "id", sqlite_where=_ABOUT, postgresql_where=_ABOUT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    by: Mapped[str] = mapped_column(String(254))  # a moderator's e-mail, "author" or "command line"
    # None where it was about no site, or about one that is gone: then it is for owners to see.
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    verb: Mapped[str] = mapped_column(String(20))  # approve spam remove restore edit ban unban ...
    comment_id: Mapped[str | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    state_before: Mapped[str | None] = mapped_column(String(10))
    text_before: Mapped[str | None] = mapped_column(Text)
    # With the text: what it was written in, and when it had been edited last.
    format_before: Mapped[str | None] = mapped_column(String(10))
    edited_before: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    note: Mapped[str | None] = mapped_column(String(500))  # who is banned, until when
    taught_before: Mapped[str | None] = mapped_column(String(10))  # see ``spam.models.Taught``
    # Of what is no comment's state or text, "ban:7" say: what it was, and how it was before.
    subject: Mapped[str | None] = mapped_column(String(60))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def keeps_text(self) -> bool:
        """Whether all is here that an edit changed: older versions kept the text alone."""
        return self.text_before is not None and self.format_before is not None


class Stage(StrEnum):
    """How far a sweep is."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Sweep(Model):
    """One decision over very many comments, carried out by a job a few at a time."""

    __tablename__ = "sweeps"
    __table_args__ = (Index("ix_sweeps_by", "by", "at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    by: Mapped[str] = mapped_column(String(254))  # a moderator's e-mail
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    verb: Mapped[str] = mapped_column(String(20))
    was: Mapped[State] = mapped_column(named(State))  # what is not in this state any more stays
    sites: Mapped[list[int] | None] = mapped_column(JSON)  # those looked through; None: every one
    stage: Mapped[Stage] = mapped_column(named(Stage), default=Stage.RUNNING)
    total: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[int] = mapped_column(default=0)  # undone: counted down again
    moved: Mapped[int] = mapped_column(default=0)  # the others had been decided by then


class Swept(Model):
    """A comment that a sweep is about, and the act that moved it."""

    __tablename__ = "swept"

    sweep_id: Mapped[str] = mapped_column(
        ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    act_id: Mapped[int | None] = mapped_column(
        ForeignKey("acts.id", ondelete="SET NULL"), index=True
    )


class Merge(Model):
    """That the thread of one page became part of another's, and what it takes to part them."""

    __tablename__ = "merges"
    __table_args__ = (Index("ix_merges_at", "at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
    page_id: Mapped[int] = mapped_column(  # the one that is left
        ForeignKey("pages.id", ondelete="CASCADE"), index=True
    )
    by: Mapped[str] = mapped_column(String(254))
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    # The page that is gone, and the keys of pages that led to it.
    key: Mapped[str] = mapped_column(String(2100))
    url: Mapped[str] = mapped_column(String(2100))
    feed_url: Mapped[str | None] = mapped_column(String(2100))
    title: Mapped[str | None] = mapped_column(String(300))
    is_named: Mapped[bool] = mapped_column(default=True)
    is_open: Mapped[bool]
    reopened: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant)
    aliases: Mapped[list[str]] = mapped_column(JSON)
    # What came over, by id; of it what lost its pin, and who followed both pages.
    comments: Mapped[list[str]] = mapped_column(JSON)
    unpinned: Mapped[list[str]] = mapped_column(JSON)
    subscriptions: Mapped[list[str]] = mapped_column(JSON)
    ended: Mapped[list[str]] = mapped_column(JSON)
    undone: Mapped[dt.datetime | None] = mapped_column(clock.Instant)


class Apart(Model):
    """Two pages that look alike and are not the same, as an owner said: the lower number first."""

    __tablename__ = "apart"

    page_id: Mapped[int] = mapped_column(
        ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Lead(StrEnum):
    """How a page's own address leads to another."""

    NOT = "not"
    REDIRECT = "redirect"  # for good: 301 or 308
    CANONICAL = "canonical"  # the page that is there names the other as its own


class Onward(Model):
    """What a page's own address answered when it was asked: where it leads, empty for nowhere."""

    __tablename__ = "onward"

    page_id: Mapped[int] = mapped_column(
        ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    url: Mapped[str] = mapped_column(String(2100))
    lead: Mapped[Lead] = mapped_column(named(Lead))


class Reason(StrEnum):
    """Why a reader reports a comment."""

    SPAM = "spam"
    ABUSE = "abuse"
    OFF_TOPIC = "off-topic"
    OTHER = "other"


class Report(Model):
    """What one reader has against a comment. It is open until a moderator's act answers it."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_open", "act_id", "comment_id"),
        Index("ix_reports_network", "network", "at"),
    )

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[str] = mapped_column(  # who reports
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    network: Mapped[str | None] = mapped_column(String(32))  # a pseudonym, see ``spam.networks``
    reason: Mapped[Reason] = mapped_column(named(Reason))
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("acts.id", ondelete="SET NULL"))


class Notice(Model):
    """That a moderator is mailed about a comment. The links in the mail decide over it, once."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("moderator_id", "comment_id"),
        Index("ix_notices_moderator", "moderator_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("moderators.id", ondelete="CASCADE"))
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    fingerprint: Mapped[str] = mapped_column(String(64))  # of what the mail is about, as it stood
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)
    used: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    # For the next mail that sums up.
    waits: Mapped[bool] = mapped_column(default=False, server_default=false())


class BanKind(StrEnum):
    """What a ban goes by."""

    AUTHOR = "author"  # a browser, by its author's id
    EMAIL = "email"
    DOMAIN = "domain"  # of e-mail addresses, with all below it
    NETWORK = "network"  # a pseudonym, see ``spam.networks``: for 30 days at most
    RANGE = "range"  # of network addresses, typed by the owner


class Ban(Model):
    """Somebody who may not write, on one site or on all."""

    __tablename__ = "bans"
    __table_args__ = (Index("ix_bans_what", "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(
        ForeignKey("sites.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[BanKind] = mapped_column(named(BanKind))
    value: Mapped[str] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(254))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    expires: Mapped[dt.datetime | None] = mapped_column(clock.Instant, index=True)


class Remark(Model):
    """What a moderator wrote down about an author, for the others."""

    __tablename__ = "remarks"
    __table_args__ = (Index("ix_remarks_author_id", "author_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(String(254))
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    text: Mapped[str] = mapped_column(String(1000))


class Place(Model):
    """The number of a comment in the index of words, in the order of ``created``.

    Triggers of the migration that made it keep it, with the index itself: ``comment_words`` and
    ``page_words``, tables whose shape hangs on the database, so that they are no models.
    """

    __tablename__ = "comment_places"

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), unique=True
    )
