"""One author as a moderator sees them, and what the owner decides of their comments to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.identity import authors as identity_authors
from afterword.identity.models import Author, Identity, Standing
from afterword.moderation import audit, bans, remarks
from afterword.moderation.models import Act, Ban, BanKind, Remark
from afterword.threads.models import Comment, State, Vote

NEWEST = 20
MOST = 200  # comments of an author that one decision is about: others who write wait for no more
OPEN = frozenset({State.VISIBLE, State.PENDING})


@dataclass(frozen=True)
class Votes:
    """How many votes somebody gave and got."""

    given_up: int
    given_down: int
    got_up: int
    got_down: int

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return bool(self.given_up or self.given_down or self.got_up or self.got_down)


@dataclass(frozen=True)
class Portrait:
    """An author, by one of their comments."""

    comment: Comment
    standing: Standing
    first: dt.datetime  # since when they are known
    totals: dict[State, int]
    votes: Votes
    identities: Sequence[Identity]  # what they have proved to be
    browsers: int  # of the site that proved the same, their own with them
    remarks: Sequence[Remark]
    newest: Sequence[Comment]  # with the comment itself
    known: dict[BanKind, str]  # by what they can be banned
    bans: list[Ban]

    @property
    def free(self) -> set[BanKind]:
        """By what they can be banned and are not yet."""
        return set(self.known) - {ban.kind for ban in self.bans}


def portrait(comment: Comment) -> Portrait:
    """All that is known of the author of a comment."""
    author = db.session.get(Author, comment.author_id) if comment.author_id else None
    return Portrait(
        comment=comment,
        standing=author.standing if author else Standing.NORMAL,
        first=min(author.created, comment.created) if author else comment.created,
        totals=_totals(comment.author_id),
        votes=_votes(comment.author_id),
        identities=_identities(comment.author_id),
        browsers=len(identity_authors.one_person(author)) if author else 0,
        remarks=remarks.of(comment.author_id),
        newest=_newest(comment.author_id) or [comment],
        known=bans.known(comment),
        bans=bans.of_comment(comment),
    )


def set_standing(comment_id: str, standing: Standing, *, by: str) -> Act | None:
    """Decide over an author's comments to come; None where it was so decided before.

    Raises NotFound for one whom nobody knows again.
    """
    with transaction():
        comment = db.session.get(Comment, comment_id)
        if comment is None or comment.author_id is None:
            raise NotFound(_("This comment came from no browser that is known again."))
        author = db.session.get_one(Author, comment.author_id)
        if author.standing is standing:
            return None
        act = audit.note(standing.value, by=by, note=comment.name, comment=comment)
        act.subject, act.before = f"author:{author.id}", {"standing": author.standing.value}
        author.standing = standing
    return act


def take_back(act: Act, *, by: str) -> bool:
    """Give an author the standing from before an act. Inside a transaction."""
    author = db.session.get(Author, (act.subject or "").partition(":")[2])
    comment = db.session.get(Comment, act.comment_id)
    if author is None or comment is None or act.before is None:
        return False
    noted = audit.note("undo", by=by, note=act.note, comment=comment)
    noted.subject, author.standing = act.subject, Standing(act.before["standing"])
    return True


def open_comments(comment: Comment) -> list[str]:
    """The ids of what the author of a comment has on the site, visible or waiting.

    Of more than ``MOST`` the newest.
    """
    if comment.author_id is None:
        return [comment.id] if comment.state in OPEN else []
    rows = select(Comment.id).where(
        Comment.author_id == comment.author_id, Comment.state.in_(sorted(OPEN))
    )
    return list(db.session.scalars(rows.order_by(Comment.created.desc()).limit(MOST)))


def _votes(author_id: str | None) -> Votes:
    if author_id is None:
        return Votes(0, 0, 0, 0)
    given = select(Vote.value, func.count()).where(Vote.author_id == author_id)
    rows = db.session.execute(given.group_by(Vote.value))
    by_value = {value: count for value, count in rows}  # noqa: C416 - rows
    got = select(
        func.coalesce(func.sum(Comment.up), 0), func.coalesce(func.sum(Comment.down), 0)
    ).where(Comment.author_id == author_id)
    up, down = db.session.execute(got).one()
    return Votes(by_value.get(1, 0), by_value.get(-1, 0), up, down)


def _identities(author_id: str | None) -> Sequence[Identity]:
    rows = select(Identity).where(Identity.author_id == author_id)
    return db.session.scalars(rows.order_by(Identity.proved)).all()


def _totals(author_id: str | None) -> dict[State, int]:
    if author_id is None:
        return {}
    rows = (
        select(Comment.state, func.count())
        .where(Comment.author_id == author_id)
        .group_by(Comment.state)
    )
    return {state: count for state, count in db.session.execute(rows)}  # noqa: C416 - rows


def _newest(author_id: str | None) -> Sequence[Comment]:
    if author_id is None:
        return []
    rows = (
        select(Comment)
        .options(joinedload(Comment.page))
        .where(Comment.author_id == author_id)
        .order_by(Comment.created.desc(), Comment.id.desc())
    )
    return db.session.scalars(rows.limit(NEWEST)).all()
