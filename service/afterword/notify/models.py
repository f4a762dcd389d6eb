"""The tables of calls of webhooks and of messages to chats: that they were, not what they said."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock
from afterword.core.db import Model


class Delivery(Model):
    """One call of a site's webhook, with what came of its last try."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_site_id", "site_id", "at"),)

    call: Mapped[str] = mapped_column(String(60), primary_key=True)  # its webhook-id
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    # That it is about; none where it is about jobs.
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(String(40))
    tries: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]  # of the answer, where one came
    fault: Mapped[str | None] = mapped_column(String(500))  # why it was not taken
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class ChatMessage(Model):
    """One event that a site's chats are told of, or were not in a flood."""

    __tablename__ = "chat_messages"
    __table_args__ = (Index("ix_chat_messages_site_id", "site_id", "at"),)

    call: Mapped[str] = mapped_column(String(60), primary_key=True)  # as its event names it
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    is_flood: Mapped[bool]  # what began one was told of, what came later was not
