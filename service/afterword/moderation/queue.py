"""What waits for a moderator, and what was decided: by state, page by page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from afterword.core import clock, ids
from afterword.core.db import db
from afterword.identity.models import Author
from afterword.moderation import clusters, index, reports
from afterword.moderation.clusters import Cluster
from afterword.moderation.eras import Eras
from afterword.moderation.index import Count, Wanted
from afterword.moderation.models import Report
from afterword.moderation.scope import Scope, within
from afterword.threads.models import Comment, State

PAGE = 25
MOST = 50_000  # of one state that are counted: more of them take longer than the page may
MOST_FOUND = 1000  # the same of a search
LOOKED_THROUGH = 500  # comments whose reasons are offered to narrow the queue by


@dataclass(frozen=True)
class Earlier:
    """What else the author of a comment wrote here, and since when they are known."""

    since: dt.datetime
    totals: dict[State, int]


@dataclass(frozen=True)
class Queue:
    """Comments with those that they answer, and the cursor behind them when more follow."""

    comments: list[Comment]
    parents: dict[str, Comment]
    earlier: dict[str, Earlier]  # by comment, of authors who wrote more than this one
    reports: dict[str, list[Report]]  # by comment: what readers have against it
    clusters: dict[str, Cluster]  # by comment: which others it stands for
    next: str | None
    near: Eras | None = None  # in which a search found the first of them


def read(  # noqa: PLR0913 - each narrows or orders
    state: State,
    *,
    sites: Scope = None,
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
    if is_reported:
        rows = rows.where(reports.is_open())
    if state is State.PENDING:
        rows = rows.where(clusters.is_lead(is_newest_first=is_newest_first))
    start = _place(after)
    if start is not None:
        rows = rows.where(place < start if is_newest_first else place > start)
    columns = (Comment.created, Comment.id)
    rows = rows.order_by(*(column.desc() if is_newest_first else column for column in columns))
    found = _of_each(rows.limit(limit + 1), sites)
    found.sort(key=lambda row: (row.created, row.id), reverse=is_newest_first)
    shown = found[:limit]
    following = _cursor(shown[-1]) if len(found) > limit else None
    against = reports.of_comments(comment.id for comment in shown)
    alike = clusters.of_comments(shown) if state is State.PENDING else {}
    return Queue(shown, _parents(shown), _earlier(shown), against, alike, following)


def search(
    wanted: Wanted, *, is_newest_first: bool = True, after: str | None = None, limit: int = PAGE
) -> Queue:
    """The same of comments that are looked for.

    Each stands for itself, however many are alike: they may not have what is looked for, and would
    be decided over unseen.
    """
    ids_found, near = index.find(
        wanted, is_newest_first=is_newest_first, after=_place(after), limit=limit + 1
    )
    rows = select(Comment).options(selectinload(Comment.page))
    rows = rows.where(Comment.id.in_(ids_found[:limit]))
    by_id = {comment.id: comment for comment in db.session.scalars(rows)}
    shown = [by_id[one] for one in ids_found[:limit] if one in by_id]  # or gone meanwhile
    following = _cursor(shown[-1]) if shown and len(ids_found) > limit else None
    against = reports.of_comments(by_id)
    near = near if after is None else None
    return Queue(shown, _parents(shown), _earlier(shown), against, {}, following, near)


def just_before(comment: Comment) -> str | None:
    """A cursor from which a search begins with this comment, the newest first; None for the first
    page."""
    newer = index.newer(comment.id)
    return f"{clock.text(comment.created)}_{newer}" if newer else None


def newest(state: State, *, sites: Scope = None) -> str | None:
    """The place of the newest comment in a state, None where there is none: for ``arrived``."""
    newest = select(Comment).where(Comment.state == state)
    newest = newest.order_by(Comment.created.desc(), Comment.id.desc()).limit(1)
    found = _of_each(newest, sites)
    return _cursor(max(found, key=lambda row: (row.created, row.id))) if found else None


def arrived(state: State, *, sites: Scope = None, after: str | None = None) -> int:
    """How many comments in a state are newer than a place; of more than ``MOST_FOUND`` as many."""
    rows = select(Comment.id).where(Comment.state == state, *within(Comment.site_id, sites))
    start = _place(after)
    if start is not None:
        rows = rows.where(tuple_(Comment.created, Comment.id) > start)
    counted = rows.limit(MOST_FOUND).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0


def totals(sites: Scope = None) -> dict[State, int]:
    """How many comments there are in each state; of more than ``MOST`` one above it."""
    return {state: _total(state, sites) for state in State}


def found(wanted: Wanted, *, first: Queue | None = None) -> dict[State, Count]:
    """How many are found in each state, of more than ``MOST_FOUND`` as many.

    Of very many comments perhaps only the newest are counted, more of them than a page shows. What
    the ``first`` page of them shows all of needs no counting.
    """
    known: dict[State, Count] = {}
    near: dict[State, Eras | None] = {}
    if first is not None and not wanted.is_reported:
        near[wanted.state] = first.near
    if first is not None and first.next is None and not wanted.is_reported:
        known[wanted.state] = Count(len(first.comments))
    wanted = replace(wanted, is_reported=False)
    counted = {
        state: index.count_enough(
            replace(wanted, state=state), enough=PAGE + 1, most=MOST_FOUND, near=near.get(state)
        )
        for state in State
        if state not in known
    }
    return known | counted


def reasons(state: State, *, sites: Scope = None) -> list[str]:
    """Why the newest comments wait, each kind of reason once, the most frequent first."""
    rows = select(Comment.reasons).where(Comment.state == state, *within(Comment.site_id, sites))
    rows = rows.order_by(Comment.created.desc(), Comment.id.desc()).limit(LOOKED_THROUGH)
    kinds = Counter(index.kind(reason) for said in db.session.scalars(rows) for reason in said)
    return [kind for kind, _ in kinds.most_common()]


def _of_each(rows: Select[Comment], sites: Scope) -> list[Comment]:
    """What is found in each site: an index gives the order of one, of several all were sorted."""
    each = [None] if sites is None else [frozenset({one}) for one in sites]
    return [
        row for one in each for row in db.session.scalars(rows.where(*within(Comment.site_id, one)))
    ]


def _total(state: State, sites: Scope) -> int:
    rows = select(Comment.id).where(Comment.state == state, *within(Comment.site_id, sites))
    counted = rows.limit(MOST + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0


def _parents(comments: list[Comment]) -> dict[str, Comment]:
    wanted = {comment.parent_id for comment in comments if comment.parent_id}
    if not wanted:
        return {}
    rows = db.session.scalars(select(Comment).where(Comment.id.in_(sorted(wanted))))
    return {parent.id: parent for parent in rows}


def _earlier(comments: list[Comment]) -> dict[str, Earlier]:
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
    known = select(Author.id, Author.created).where(Author.id.in_(authors))
    since = {row.id: row.created for row in db.session.execute(known)}
    found = {}
    for comment in comments:
        others = Counter(totals.get(comment.author_id)) - Counter([comment.state])
        if comment.author_id and others:
            found[comment.id] = Earlier(since[comment.author_id], dict(others))
    return found


def _cursor(comment: Comment) -> str:
    return f"{clock.text(comment.created)}_{comment.id}"


def _place(cursor: str | None) -> tuple[dt.datetime, str] | None:
    written, _, comment_id = (cursor or "").partition("_")
    try:
        moment = clock.parse(written)
    except ValueError:
        return None
    return (moment, comment_id) if ids.is_id(comment_id) else None
