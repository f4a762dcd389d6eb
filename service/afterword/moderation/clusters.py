"""Comments that the queue shows as one, so that a flood is one decision: see ``traces.cluster``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
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
    by_id = {lead.id: lead for lead in leads}
    its, others, lead = aliased(Trace), aliased(Trace), aliased(Comment)
    rows = (
        select(its.comment_id, func.count())
        .join(others, others.cluster == its.cluster)
        .join(lead, lead.id == its.comment_id)
        .where(its.comment_id.in_(by_id), _is_there(others, lead.state, lead.site_id))
        .group_by(its.comment_id)
    )
    sizes = dict(list(db.session.execute(rows)))
    return {one: Cluster(size, _others(by_id[one])) for one, size in sizes.items() if size > 1}


def members(comment_id: str, *, state: State, until: dt.datetime) -> list[str]:
    """The ids of a comment's cluster in this state, itself among them; oldest first.

    Without those that came later than ``until``: nobody has seen them stand there.
    """
    comment = db.session.get(Comment, comment_id)
    if comment is None:
        return []
    rows = _cluster(comment, state).where(Comment.created <= until).with_only_columns(Comment.id)
    found = list(db.session.scalars(rows.order_by(Comment.created, Comment.id).limit(MOST)))
    return found or [comment_id]


def _others(lead: Comment) -> list[Comment]:
    rows = _cluster(lead, lead.state).where(Comment.id != lead.id)
    newest = rows.order_by(Comment.created.desc(), Comment.id.desc())
    return list(db.session.scalars(newest.limit(SHOWN)))


def _cluster(comment: Comment, state: State) -> Select[Comment]:
    """The comments of a comment's cluster that are in this state."""
    its, others = aliased(Trace), aliased(Trace)
    ids = (
        select(others.comment_id)
        .join(its, its.cluster == others.cluster)
        .where(its.comment_id == comment.id, _is_there(others, state, comment.site_id))
    )
    return select(Comment).where(Comment.id.in_(ids))


def _is_there(trace: type[Trace], state: Any, site_id: Any) -> ColumnElement[bool]:
    """Of a query over traces: whether their comments are in this state, on this site.

    No join, in which SQLite would begin with all that are in the state, twenty thousand maybe.
    """
    theirs = aliased(Comment)
    return exists().where(
        theirs.id == trace.comment_id, theirs.state == state, theirs.site_id == site_id
    )
