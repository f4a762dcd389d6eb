"""Comments that the queue shows as one, so that a flood is one decision: see ``traces.cluster``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from afterword.core.db import db
from afterword.spam.traces import Trace
from afterword.threads.models import Comment, State

SHOWN = 10  # others of a cluster that are named; the rest is counted
MOST = 5000  # that one decision is about


@dataclass(frozen=True)
class Cluster:
    """Of how many a comment is one, and the newest of the others."""

    size: int
    others: list[Comment]


def is_lead(*, is_newest_first: bool) -> ColumnElement[bool]:
    """Of a query over comments: whether it stands for its cluster, as first of it in this order."""
    its, others, theirs = aliased(Trace), aliased(Trace), aliased(Comment)
    there, here = tuple_(others.created, others.comment_id), tuple_(its.created, its.comment_id)
    earlier = (
        select(others.comment_id)
        .join(its, its.cluster == others.cluster)
        .join(theirs, theirs.id == others.comment_id)
        .where(
            its.comment_id == Comment.id,
            theirs.state == Comment.state,
            theirs.site_id == Comment.site_id,
            there > here if is_newest_first else there < here,
        )
    )
    return ~exists(earlier.correlate(Comment))


def of_comments(leads: Iterable[Comment]) -> dict[str, Cluster]:
    """The clusters that these stand for, where there are others in them."""
    return {lead.id: found for lead in leads if (found := _of(lead)) is not None}


def members(comment_id: str, *, state: State) -> list[str]:
    """The ids of a comment's cluster in this state, itself among them; oldest first."""
    comment = db.session.get(Comment, comment_id)
    if comment is None:
        return []
    rows = select(Comment.id).where(_belongs(comment), Comment.state == state)
    found = list(db.session.scalars(rows.order_by(Comment.created, Comment.id).limit(MOST)))
    return found or [comment_id]


def _of(lead: Comment) -> Cluster | None:
    rows = select(Comment).where(_belongs(lead), Comment.state == lead.state)
    size = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    if size < 2:
        return None
    newest = rows.where(Comment.id != lead.id).order_by(Comment.created.desc(), Comment.id.desc())
    return Cluster(size, list(db.session.scalars(newest.limit(SHOWN))))


def _belongs(comment: Comment) -> ColumnElement[bool]:
    its, others = aliased(Trace), aliased(Trace)
    ids = (
        select(others.comment_id)
        .join(its, its.cluster == others.cluster)
        .where(its.comment_id == comment.id)
    )
    return Comment.id.in_(ids) & (Comment.site_id == comment.site_id)
