"""What waits for a moderator, and what was decided: by state, page by page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from afterword.core import clock, ids
from afterword.core.db import db
from afterword.moderation import clusters, reports
from afterword.moderation.clusters import Cluster
from afterword.moderation.models import Report
from afterword.threads.models import Comment, State

PAGE = 25


@dataclass(frozen=True)
class Queue:
    """Comments with those that they answer, and the cursor behind them when more follow."""

    comments: list[Comment]
    parents: dict[str, Comment]
    earlier: dict[str, dict[State, int]]  # by comment: what else its author wrote here
    reports: dict[str, list[Report]]  # by comment: what readers have against it
    clusters: dict[str, Cluster]  # by comment: which others it stands for
    next: str | None


def read(  # noqa: PLR0913 - each narrows or orders
    state: State,
    *,
    site_id: int | None = None,
    is_reported: bool = False,
    is_newest_first: bool = True,
    after: str | None = None,
    limit: int = PAGE,
) -> Queue:
    """A page of the comments in a state, or of those of them that readers reported.

    Of those that wait together, see ``clusters``, only the first stands here for all.
    A cursor that is none of ours starts from the beginning. By key and not by number: deciding over
    a page's comments makes the next page skip nothing.
    """
    place = tuple_(Comment.created, Comment.id)
    rows = select(Comment).options(joinedload(Comment.page)).where(Comment.state == state)
    if site_id is not None:
        rows = rows.where(Comment.site_id == site_id)
    if is_reported:
        rows = rows.where(reports.is_open())
    if state is State.PENDING:
        rows = rows.where(clusters.is_lead(is_newest_first=is_newest_first))
    start = _place(after)
    if start is not None:
        rows = rows.where(place < start if is_newest_first else place > start)
    columns = (Comment.created, Comment.id)
    rows = rows.order_by(*(column.desc() if is_newest_first else column for column in columns))
    found = list(db.session.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    following = _cursor(shown[-1]) if len(found) > limit else None
    against = reports.of_comments(comment.id for comment in shown)
    alike = clusters.of_comments(shown) if state is State.PENDING else {}
    return Queue(shown, _parents(shown), _earlier(shown), against, alike, following)


def totals(site_id: int | None = None) -> dict[State, int]:
    """How many comments there are in each state."""
    rows = select(Comment.state, func.count()).group_by(Comment.state)
    if site_id is not None:
        rows = rows.where(Comment.site_id == site_id)
    found = dict(db.session.execute(rows).all())
    return {state: found.get(state, 0) for state in State}


def _parents(comments: list[Comment]) -> dict[str, Comment]:
    wanted = {comment.parent_id for comment in comments if comment.parent_id}
    if not wanted:
        return {}
    rows = db.session.scalars(select(Comment).where(Comment.id.in_(sorted(wanted))))
    return {parent.id: parent for parent in rows}


def _earlier(comments: list[Comment]) -> dict[str, dict[State, int]]:
    authors = sorted({comment.author_id for comment in comments if comment.author_id})
    if not authors:
        return {}
    rows = (
        select(Comment.author_id, Comment.state, func.count())
        .where(Comment.author_id.in_(authors))
        .group_by(Comment.author_id, Comment.state)
    )
    totals: dict[str | None, dict[State, int]] = {}
    for author_id, state, count in db.session.execute(rows):
        totals.setdefault(author_id, {})[state] = count
    return {
        comment.id: {
            state: others
            for state, count in totals[comment.author_id].items()
            if (others := count - (state is comment.state))
        }
        for comment in comments
        if comment.author_id
    }


def _cursor(comment: Comment) -> str:
    return f"{clock.text(comment.created)}_{comment.id}"


def _place(cursor: str | None) -> tuple[dt.datetime, str] | None:
    written, _, comment_id = (cursor or "").partition("_")
    try:
        moment = clock.parse(written)
    except ValueError:
        return None
    return (moment, comment_id) if ids.is_id(comment_id) else None
