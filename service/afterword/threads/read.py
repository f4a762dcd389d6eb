"""The read path: one page of a thread at the price of one page, whatever the thread's length."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, not_, select, tuple_, union
from sqlalchemy.orm import joinedload

from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.identity.models import Author
from afterword.sites.directory import KnownSite
from afterword.sites.options import Fediverse
from afterword.threads import ownership, pages, rows, since, tree, view
from afterword.threads.models import IN_THREAD, Comment, Mention, Page, Reaction, State, Vote
from afterword.threads.slices import Cursor, Slice, Sort
from afterword.threads.view import Json, Shown

FIRST_REPLIES = 3
# How far up a permalink's conversation is followed; deeper ones hang below their root.
MOST_ANCESTORS = 50
MOST_OWN = 1000  # votes of one reader on one page
MOST_MENTIONS = 100
MOST_REPLIES = 100  # to its post on the fediverse, the newest


@dataclass(frozen=True)
class Thread:
    """A slice of a page's comments, ready to be written as JSON or HTML.

    ``gone`` is there where only what changed was asked for: ids of what is not shown any more;
    and so is ``new``: ids of those comments that were not shown before.
    """

    site: KnownSite
    page: Json
    comments: list[Json]
    next: str | None
    mentions: list[Json] = field(default_factory=list)
    fediverse: Json | None = None
    gone: list[str] | None = None
    new: list[str] | None = None

    def as_json(self) -> Json:
        """The shape of ``GET /thread``."""
        written = {
            "page": self.page,
            "site": view.site(self.site),
            "comments": self.comments,
            "next": self.next,
            "mentions": self.mentions,
        }
        if self.fediverse is not None:
            written["fediverse"] = self.fediverse
        return written if self.gone is None else {**written, "gone": self.gone, "new": self.new}


def thread(site: KnownSite, key: str, *, url: str, slice: Slice, of: str | None = None) -> Thread:
    """The thread of a page, empty where nobody commented yet.

    With ``of``, the replies below that root instead of the page's roots. Raises NotFound for it.
    What changed since a version is told flat; after too much change the slice is as without it.
    """
    page = pages.find(site.id, key)
    head = view.page(page, key=key, url=url, options=site.options)
    if page is None:
        return Thread(site, head, [], None)
    if of is not None:
        below = replies(of, after=slice.after, limit=slice.limit, on=page.id)
        return Thread(site, head, tree.hang(below["comments"]), below["next"])
    if slice.since is not None:
        changed = since.of_page((site.id, key), slice.since)
        if changed.is_all:
            told = [*changed.changed, *changed.new]
            new = [comment["id"] for comment in changed.new]
            beside = _beside(site, page)
            return Thread(site, head, told, None, *beside, gone=changed.gone, new=new)
    roots, more = _roots(page, slice)
    firsts, unfinished = _first_replies(roots)
    if slice.around:
        firsts = _with_path(firsts, slice.around, roots)
    comments = _nest(roots, firsts)
    for comment in comments:
        comment["replies_next"] = unfinished.get(comment["id"])
    following = str(_cursor(roots[-1], slice.sort)) if more else None
    if slice.after:  # those who ask for more of the thread have what stands beside it
        return Thread(site, head, comments, following)
    return Thread(site, head, comments, following, *_beside(site, page))


def replies(root_id: str, *, after: Cursor | None, limit: int, on: int | None = None) -> Json:
    """The replies below a root, flat and oldest first: ``{comments, next}``.

    ``on`` is the id of the page that it has to be on. Raises NotFound.
    """
    root = db.session.get(Comment, root_id)
    if root is None or not root.is_shown or on not in {None, root.page_id}:
        raise NotFound(_("There is no such comment."))
    asked = rows.replies_of(root_id).limit(limit + 1)
    if after is not None:
        asked = asked.where(tuple_(Comment.created, Comment.id) > (after.at, after.id))
    found = db.session.execute(asked).all()
    following = str(_cursor(found[limit - 1], Sort.OLDEST)) if len(found) > limit else None
    return {"comments": [view.public(row) for row in found[:limit]], "next": following}


def latest(site: KnownSite, *, limit: int, page_id: int | None = None) -> list[Json]:
    """The newest visible comments of a site or page, each with its page's address and title."""
    rows = select(Comment).where(
        Comment.site_id == site.id, Comment.state == State.VISIBLE, IN_THREAD
    )
    if page_id is not None:
        rows = rows.where(Comment.page_id == page_id)
    return _with_pages(rows, limit=limit)


def answers(emails: Collection[str], authors: Collection[str], *, limit: int) -> list[Json]:
    """The newest visible answers of others to what somebody wrote: as one of these authors, or with
    an address that was confirmed with it."""
    mine = union(
        select(Comment.id).where(Comment.email.in_(emails), Comment.is_verified.is_(True)),
        select(Comment.id).where(Comment.author_id.in_(authors)),
    )
    rows = select(Comment).where(
        Comment.parent_id.in_(mine), Comment.id.not_in(mine), Comment.state == State.VISIBLE
    )
    return _with_pages(rows, limit=limit)


def _with_pages(rows: Select[Comment], *, limit: int) -> list[Json]:
    newest = rows.options(joinedload(Comment.page)).order_by(
        Comment.created.desc(), Comment.id.desc()
    )
    return [
        {**view.public(row), "page": {"url": row.page.url, "title": row.page.title}}
        for row in db.session.scalars(newest.limit(limit))
    ]


def own(site: KnownSite, key: str, *, author: Author | None) -> Json:
    """What is an author's own on a page: comments, those that wait included; votes, reactions."""
    page = pages.find(site.id, key)
    if page is None or author is None:
        return {"comments": [], "votes": {}, "reactions": {}}
    is_own = (
        ownership.is_theirs(author.account_id)
        if author.account_id is not None
        else Comment.author_id == author.id
    )
    rows = db.session.scalars(
        select(Comment)
        .where(
            is_own,
            Comment.page_id == page.id,
            Comment.state.in_([State.VISIBLE, State.PENDING]),
        )
        .order_by(Comment.created, Comment.id)
        .limit(200)
    )
    return {
        "comments": [view.own(row, options=site.options) for row in rows],
        "votes": _votes(page.id, author.id),
        "reactions": _reactions(page.id, author.id),
    }


def _votes(page_id: int, author_id: str) -> dict[str, int]:
    rows = (
        select(Vote.comment_id, Vote.value)
        .join(Comment, Comment.id == Vote.comment_id)
        .where(Vote.author_id == author_id, Comment.page_id == page_id)
        .limit(MOST_OWN)
    )
    return {comment_id: value for comment_id, value in db.session.execute(rows)}  # noqa: C416 - rows


def _reactions(page_id: int, author_id: str) -> dict[str, list[str]]:
    rows = (
        select(Reaction.comment_id, Reaction.name)
        .join(Comment, Comment.id == Reaction.comment_id)
        .where(Reaction.author_id == author_id, Comment.page_id == page_id)
        .limit(MOST_OWN)
    )
    found: dict[str, list[str]] = {}
    for comment_id, name in sorted(tuple(row) for row in db.session.execute(rows)):
        found.setdefault(comment_id, []).append(name)
    return found


def _beside(site: KnownSite, page: Page) -> tuple[list[Json], Json | None]:
    """What was said of a page elsewhere: on other pages, and to its post on the fediverse."""
    is_linked = site.options.fediverse is not Fediverse.OFF
    return _mentions(page), _fediverse(page) if is_linked else None


def _mentions(page: Page) -> list[Json]:
    """The newest of what only points to the page, from elsewhere."""
    asked = (
        select(Comment)
        .where(
            Comment.page_id == page.id,
            Comment.mention.is_not(None),
            not_(IN_THREAD),
            Comment.mention != Mention.FEDIVERSE,
            Comment.state == State.VISIBLE,
        )
        .order_by(Comment.created.desc(), Comment.id.desc())
    )
    return [view.mention(row) for row in db.session.scalars(asked.limit(MOST_MENTIONS))]


def _fediverse(page: Page) -> Json | None:
    """The post that belongs to a page, and the replies to it, oldest first."""
    if page.post is None:
        return None
    shown = (
        Comment.page_id == page.id,
        Comment.mention == Mention.FEDIVERSE,
        Comment.state == State.VISIBLE,
    )
    said = func.coalesce(Comment.said, Comment.created)
    newest = select(Comment).where(*shown).order_by(said.desc(), Comment.id.desc())
    replies = [view.mention(row) for row in db.session.scalars(newest.limit(MOST_REPLIES))]
    count = len(replies)
    if count == MOST_REPLIES:
        count = db.session.scalar(select(func.count()).where(*shown)) or 0
    return {"post": page.post, "count": count, "replies": replies[::-1]}


def _roots(page: Page, slice: Slice) -> tuple[list[Shown], bool]:
    """The roots of this slice, pinned ones first on the first page, and whether more follow."""
    after, start = slice.after, None
    found = _some_roots(page, slice, after=after, start=None)
    if slice.around and not after:
        start = _root_of(page, slice.around)
        if start is not None and start.id not in {row.id for row in found[: slice.limit]}:
            found = _some_roots(page, slice, after=None, start=start)
    pinned = [] if after else _pinned(page)
    return [*pinned, *found[: slice.limit]], len(found) > slice.limit


def _some_roots(
    page: Page, slice: Slice, *, after: Cursor | None, start: Comment | None
) -> Sequence[Shown]:
    column: ColumnElement[Any] = (
        Comment.best if slice.sort is Sort.BEST else Comment.created
    ).expression
    place = tuple_(column, Comment.id)
    asked = rows.roots_of(page.id).where(Comment.is_pinned.is_(False)).limit(slice.limit + 1)
    if after is not None:
        here = (after.at, after.id)
        asked = asked.where(place > here if slice.sort is Sort.OLDEST else place < here)
    if start is not None:
        at = _cursor(start, slice.sort)
        here = (at.at, at.id)
        asked = asked.where(place >= here if slice.sort is Sort.OLDEST else place <= here)
    if slice.sort is Sort.OLDEST:
        asked = asked.order_by(column, Comment.id)
    else:
        asked = asked.order_by(column.desc(), Comment.id.desc())
    return db.session.execute(asked).all()


def _pinned(page: Page) -> Sequence[Shown]:
    # No limit: owners pin by hand, and one left out here would be shown nowhere.
    asked = rows.roots_of(page.id).where(Comment.is_pinned.is_(True))
    return db.session.execute(asked.order_by(Comment.created, Comment.id)).all()


def _first_replies(roots: Sequence[Shown]) -> tuple[list[Shown], dict[str, str]]:
    """The first replies of each root, and a cursor for each root that has more."""
    found: dict[str, list[Shown]] = {}
    for row in rows.first_replies(roots, each=FIRST_REPLIES + 1):
        found.setdefault(str(row.root_id), []).append(row)
    firsts, unfinished = [], {}
    for root_id, replies in found.items():
        replies.sort(key=lambda row: (row.created, row.id))
        firsts += replies[:FIRST_REPLIES]
        if len(replies) > FIRST_REPLIES:
            unfinished[root_id] = str(_cursor(replies[FIRST_REPLIES - 1], Sort.OLDEST))
    return firsts, unfinished


def _with_path(firsts: list[Shown], target_id: str, roots: Sequence[Shown]) -> list[Shown]:
    """The first replies, and the conversation that leads down to the comment asked for."""
    known = {row.id for row in firsts} | {row.id for row in roots}
    path: list[Comment] = []
    node = db.session.get(Comment, target_id)
    while node is not None and node.id not in known and len(path) < MOST_ANCESTORS:
        path.append(node)
        node = db.session.get(Comment, node.parent_id) if node.parent_id else None
    root_ids = {row.id for row in roots}
    shown = [row for row in path if row.is_shown and row.root_id in root_ids]
    return sorted([*firsts, *shown], key=lambda row: (row.created, row.id))


def _root_of(page: Page, comment_id: str) -> Comment | None:
    target = db.session.get(Comment, comment_id)
    if target is None or target.page_id != page.id or not target.is_shown:
        return None
    root = db.session.get(Comment, target.root_id) if target.root_id else target
    return root if root is not None and not root.is_pinned else None


def _nest(roots: Sequence[Shown], firsts: Iterable[Shown]) -> list[Json]:
    below = list(firsts)
    return tree.nest(
        [view.public(root) for root in roots],
        [view.public(reply) for reply in below],
        root_of={reply.id: str(reply.root_id) for reply in below},
    )


def _cursor(comment: Shown, sort: Sort) -> Cursor:
    return Cursor(comment.best if sort is Sort.BEST else comment.created, comment.id)
