"""What a comment leaves behind for the checks that look at others beside it, for 30 days."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    case,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from afterword.core import clock
from afterword.core.db import Model, db
from afterword.spam import networks, sketch
from afterword.spam.models import Lesson, Taught
from afterword.spam.verdict import Context, Recent
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State

KEPT = dt.timedelta(days=30)
LOOKED_AT = dt.timedelta(hours=24)
MOST = 500  # of the newest: what a comment is compared with
# What is marked as spam its author may still take back: that makes nothing else of it.
_STATE = case(
    (
        (Comment.state == State.REMOVED) & (Lesson.taught == Taught.SPAM),
        literal(State.SPAM, Comment.state.type),
    ),
    else_=Comment.state,
)


class Trace(Model):
    """The network that a comment came from, the form that it was written in, its text's sketch."""

    __tablename__ = "traces"
    __table_args__ = (
        Index("ix_traces_site", "site_id", "created"),
        Index("ix_traces_network", "network", "created"),
        Index("ix_traces_cluster", "cluster", "created", "comment_id"),
    )

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    network: Mapped[str | None] = mapped_column(String(32))  # a pseudonym, see ``networks``
    form: Mapped[str | None] = mapped_column(String(64))  # digest of the form's token
    sketch: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, index=True)
    cluster: Mapped[str | None] = mapped_column(String(40))


def cluster(draft: Draft, context: Context) -> str | None:
    """What a comment has in common with others that a moderator may decide over together.

    The cluster of the newest one that says nearly the same, else all of its network, where it is
    known by one.
    """
    if len(sketch.plain(draft.text)) >= sketch.SHORTEST:
        for other in context.recent:
            alike = sketch.likeness(context.sketch, other.sketch, least=sketch.ALIKE)
            if alike >= sketch.ALIKE and other.cluster is not None:
                return other.cluster
    return _network(context)


def leave(comment: Comment, context: Context, *, cluster: str | None) -> None:
    """Keep the trace of a new comment, and drop what is too old. Inside its transaction."""
    db.session.execute(
        delete(Trace)
        .where(Trace.created < context.now - KEPT)
        .execution_options(synchronize_session=False)
    )
    networks.forget_old()
    db.session.add(
        Trace(
            comment_id=comment.id,
            site_id=comment.site_id,
            network=_network(context),
            form=context.form_digest,
            sketch=context.sketch,
            created=context.now,
            cluster=cluster or comment.id,  # a copy of it that comes joins it
        )
    )


def redraw(comment: Comment, context: Context) -> None:
    """Keep the sketch of what a comment says now. Inside the transaction of its edit."""
    db.session.execute(
        update(Trace)
        .where(Trace.comment_id == comment.id)
        .values(sketch=context.sketch)
        .execution_options(synchronize_session=False)
    )


def _network(context: Context) -> str | None:
    """What the sender's network is called this month."""
    return context.networks[0] if context.networks else None


def recent(site_id: int, *, now: dt.datetime, besides: str | None = None) -> tuple[Recent, ...]:
    """The newest comments of the last day on a site, as far as checks may know them.

    ``besides`` is the id of the one that is looked at, when it stands already.
    """
    columns = (
        Trace.created,
        Comment.page_id,
        Comment.author_id,
        _STATE,
        Trace.network,
        Trace.form,
        Trace.sketch,
        Trace.cluster,
    )
    rows = (
        select(*columns)
        .join(Comment, Comment.id == Trace.comment_id)
        .outerjoin(Lesson, Lesson.comment_id == Trace.comment_id)
        .where(Trace.site_id == site_id, Trace.created > now - LOOKED_AT)
        .order_by(Trace.created.desc())
        .limit(MOST)
    )
    if besides is not None:
        rows = rows.where(Trace.comment_id != besides)
    return tuple(Recent(*row) for row in db.session.execute(rows))
