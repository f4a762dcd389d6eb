"""Tables of the learning filter: what each site's comments taught it, and what each one taught."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock
from afterword.core.db import Model


class Taught(StrEnum):
    """What a comment was an example of."""

    GOOD = "good"  # a moderator approved it
    STANDING = "standing"  # visible by policy, and nobody objected while spam beside it was marked
    SPAM = "spam"  # a moderator marked it
    UNWANTED = "unwanted"  # a moderator removed it while it waited


class Feature(Model):
    """In how many comments of each kind a feature was. Features are digests: no words are kept.

    Feature 0 is the comments themselves, 1 the number of their features.
    """

    __tablename__ = "spam_features"
    __table_args__ = ({"sqlite_with_rowid": False},)

    site_id: Mapped[int] = mapped_column(
        ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True
    )
    feature: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # Comments taught by weaker decisions count in quarters, which binary fractions add exactly.
    spam: Mapped[float] = mapped_column(default=0.0)
    good: Mapped[float] = mapped_column(default=0.0)


class Lesson(Model):
    """What one comment taught, so that exactly this can be taken back, whatever it says by then."""

    __tablename__ = "spam_lessons"
    __table_args__ = (
        Index("ix_spam_lessons_digest", "site_id", "digest", "taught"),
        Index("ix_spam_lessons_age", "site_id", "taught", "at"),
    )

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    taught: Mapped[Taught] = mapped_column(String(10))
    features: Mapped[bytes] = mapped_column(LargeBinary)  # digests, eight bytes each
    text_size: Mapped[int]  # how many of them are words, stems and pairs
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))  # of the features: twins share it
    is_counted: Mapped[bool]  # of twins only the first: a campaign is one example
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
