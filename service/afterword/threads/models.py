"""Tables of pages and comments. Every index here serves a query of ``read`` or of the desk."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from afterword.core import clock, ids, signing
from afterword.core.db import Model, named
from afterword.sites.models import Site


class State(StrEnum):
    """Where a comment stands. The table of moves is ``moderation.states``."""

    VISIBLE = "visible"
    PENDING = "pending"
    SPAM = "spam"
    REMOVED = "removed"


class Format(StrEnum):
    """What a comment's ``text`` is written in; ``html`` comes from imports only."""

    MARKDOWN = "markdown"
    HTML = "html"


class Mention(StrEnum):
    """What a page elsewhere does with one of ours (https://indieweb.org/responses)."""

    REPLY = "reply"
    LIKE = "like"
    REPOST = "repost"
    BOOKMARK = "bookmark"
    MENTION = "mention"  # it links there, and says no more
    FEDIVERSE = "fediverse"  # it answers the post that belongs to the page


class Page(Model):
    """One thread's place. Comes into being with its first comment; reading never makes one."""

    __tablename__ = "pages"
    __table_args__ = (
        UniqueConstraint("site_id", "key"),
        # By an address, or by how it begins, which PostgreSQL finds in no other order.
        Index("ix_pages_url", "site_id", "url", postgresql_ops={"url": "varchar_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(2100))
    url: Mapped[str] = mapped_column(String(2100))
    # In the id of its feed, where that is another than its key makes: ids never change.
    feed_url: Mapped[str | None] = mapped_column(String(2100))
    title: Mapped[str | None] = mapped_column(String(300))
    # By its owner, by hand or with a file: what visitors say changes neither address nor title.
    is_named: Mapped[bool] = mapped_column(default=False)
    is_open: Mapped[bool] = mapped_column(default=True)
    reopened: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # its age counts from then
    count: Mapped[int] = mapped_column(default=0)  # visible comments
    version: Mapped[int] = mapped_column(default=0)  # moves with every change that readers can see
    # What became of it can be told since this version, of those before only how it is now.
    told_from: Mapped[int] = mapped_column(default=0, server_default="0")
    # When it moved. Versions come again after a copy was put back, moments do not.
    changed: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    # The address of its owner's post on the fediverse, whose replies are shown with it.
    post: Mapped[str | None] = mapped_column(String(2100))

    site: Mapped[Site] = relationship()

    @property
    def shown_title(self) -> str | None:
        """What readers see it called: by its owner, or with comments as long as they see some."""
        return self.title if self.count or self.is_named else None


_ROOTS = ("page_id", "root_id", "is_shown", "is_pinned")
_IS_MENTION = text("mention IS NOT NULL")


class Comment(Model):
    """One comment. Roots have no ``parent_id`` and no ``root_id``; the tree has any depth.

    Rows are never deleted one by one: a parent that went would take other people's replies along.
    """

    __tablename__ = "comments"
    __table_args__ = (
        # A page's roots, or one root's replies, in the order of either sort.
        Index("ix_comments_thread", *_ROOTS, "created", "id"),
        Index("ix_comments_best", *_ROOTS, "best", "id"),
        Index("ix_comments_replies", "root_id", "is_shown", "created", "id"),
        Index("ix_comments_parent", "parent_id", "is_shown"),
        Index("ix_comments_author", "author_id", "page_id", "state"),
        Index("ix_comments_site_state", "site_id", "state", "created", "id"),
        Index("ix_comments_email", "email"),
        Index("ix_comments_state", "state", "created", "id"),
        Index("ix_comments_version", "page_id", "version"),
        Index(
            "ix_comments_mention",
            *("page_id", "source"),
            sqlite_where=_IS_MENTION,
            postgresql_where=_IS_MENTION,
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("comments.id"))
    root_id: Mapped[str | None] = mapped_column(ForeignKey("comments.id"))
    depth: Mapped[int] = mapped_column(default=0)

    author_id: Mapped[str | None] = mapped_column(ForeignKey("authors.id", ondelete="SET NULL"))
    # As said with this comment: a later comment under another name must not rename this one.
    name: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str | None] = mapped_column(String(254))
    website: Mapped[str | None] = mapped_column(String(320))
    is_moderator: Mapped[bool] = mapped_column(default=False)
    # Of its author, as they chose it; kept here so that a thread is read without looking there.
    picture_id: Mapped[str | None] = mapped_column(String(64))
    # Its author has proved to own the address in ``email``, or was signed in.
    is_verified: Mapped[bool] = mapped_column(default=False, server_default=false())

    text: Mapped[str] = mapped_column(Text)
    format: Mapped[Format] = mapped_column(named(Format), default=Format.MARKDOWN)
    html: Mapped[str] = mapped_column(Text)
    quote: Mapped[str | None] = mapped_column(Text)
    # What stands before and behind the quoted words on the page (W3C TextQuoteSelector).
    quote_prefix: Mapped[str | None] = mapped_column(String(64))
    quote_suffix: Mapped[str | None] = mapped_column(String(64))
    form_age: Mapped[float | None]  # seconds since its form was opened: what the filter calls pace
    lang: Mapped[str | None] = mapped_column(String(35))
    # Of what was said on a page elsewhere (webmention, fediverse): its address, and what it is.
    source: Mapped[str | None] = mapped_column(String(2100))
    mention: Mapped[Mention | None] = mapped_column(named(Mention))
    # When it was said there, where that is known; ``created`` is when it came here.
    said: Mapped[dt.datetime | None] = mapped_column(clock.Instant)

    # What was said of its page with it, while it waits to be what readers know the page by.
    page_title: Mapped[str | None] = mapped_column(String(300))
    page_url: Mapped[str | None] = mapped_column(String(2100))

    state: Mapped[State] = mapped_column(named(State))
    is_shown: Mapped[bool] = mapped_column(default=False)  # visible, or a tombstone over replies
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)  # why it waits, in words
    is_pinned: Mapped[bool] = mapped_column(default=False)
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    best: Mapped[float] = mapped_column(default=0.0)  # what sort=best goes by, see ``score``
    reactions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # The versions of its page in which readers last saw it change, and last saw it come.
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    appeared: Mapped[int] = mapped_column(default=0, server_default="0")

    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    edited: Mapped[dt.datetime | None] = mapped_column(clock.Instant)

    page: Mapped[Page] = relationship()
    site: Mapped[Site] = relationship()

    @property
    def title_of_page(self) -> str | None:
        """What its page is called; as said with it where readers do not know that yet."""
        return self.page.title or self.page_title

    @property
    def revision(self) -> str:
        """What tells whether it still says what somebody read who decides over it or changes it."""
        return signing.digest(self.text)[:16]

    @property
    def is_erased(self) -> bool:
        """Whether only its place is left: there is nothing that could come back."""
        return self.state is State.REMOVED and not self.text and not self.html

    @property
    def is_apart(self) -> bool:
        """Whether it stands beside the thread and not in it: what only points to the page."""
        return self.mention not in {None, Mention.REPLY}


IN_THREAD = or_(Comment.mention.is_(None), Comment.mention == Mention.REPLY)


class PageAlias(Model):
    """An older key of a page: the thread follows when its page moves."""

    __tablename__ = "page_aliases"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(2100))
    url: Mapped[str | None] = mapped_column(String(2100))  # that it had before it moved


class Follows(StrEnum):
    """What somebody is mailed about."""

    REPLIES = "replies"  # answers to comments of theirs, anywhere on the site
    THREAD = "thread"  # every comment on a page
    SITE = "site"  # every comment on the site


class Subscription(Model):
    """That somebody wants mail. It counts once they confirm its address, until it is ended."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_email", "email", "site_id", "follows"),
        Index("ix_subscriptions_page", "page_id", "ended"),
        Index("ix_subscriptions_of_site", "site_id", "follows", "ended"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    follows: Mapped[Follows] = mapped_column(named(Follows))
    page_id: Mapped[int | None] = mapped_column(ForeignKey("pages.id", ondelete="CASCADE"))
    # One mail a day that sums up, instead of one a comment; and when the next one is due.
    is_daily: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    ended: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    # In which they were spoken to; empty where nobody knows.
    language: Mapped[str] = mapped_column(String(10), default="", server_default="")
    # The author who asked, as long as they have not proved that the address is theirs: by what
    # anybody else proves, it does not begin.
    waits_for: Mapped[str | None] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), index=True
    )


class Mailed(Model):
    """That somebody was mailed about a comment: it is not done again when it comes back."""

    __tablename__ = "mailed"

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    waits: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # for the next digest


class Receipt(Model):
    """That a post with this Idempotency-Key was accepted: for a day its repeat is only answered."""

    __tablename__ = "receipts"

    site_id: Mapped[int] = mapped_column(
        ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # digest of the client's key
    fingerprint: Mapped[str] = mapped_column(String(64))
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class SpentChallenge(Model):
    """A proof of work that a post was taken for: it takes no other."""

    __tablename__ = "spent_challenges"

    salt: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class Vote(Model):
    """One person's word on a comment; one that is taken back is no row.

    What all said together stands with the comment, where votes that were imported count too.
    """

    __tablename__ = "votes"
    __table_args__ = (Index("ix_votes_author", "author_id", "comment_id"),)

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[str] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[int]  # 1 or -1
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)


class Reaction(Model):
    """One person's reaction to a comment, of a name in ``sites.reactions``. Totals as of votes."""

    __tablename__ = "reactions"
    __table_args__ = (Index("ix_reactions_author", "author_id", "comment_id"),)

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[str] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
