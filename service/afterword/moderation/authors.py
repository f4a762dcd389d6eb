"""One author as a moderator sees them, and what the owner decides of their comments to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.identity.models import Author, Standing
from afterword.moderation import audit, bans
from afterword.moderation.models import Ban, BanKind
from afterword.threads.models import Comment, State

NEWEST = 20
OPEN = frozenset({State.VISIBLE, State.PENDING})


@dataclass(frozen=True)
class Portrait:
    """An author, by one of their comments."""

    comment: Comment
    standing: Standing
    totals: dict[State, int]
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
        totals=_totals(comment.author_id),
        newest=_newest(comment.author_id) or [comment],
        known=bans.known(comment),
        bans=bans.of_comment(comment),
    )


def set_standing(comment_id: str, standing: Standing, *, by: str) -> None:
    """Decide over an author's comments to come. Raises NotFound for one whom nobody knows again."""
    with transaction():
        comment = db.session.get(Comment, comment_id)
        if comment is None or comment.author_id is None:
            raise NotFound("This comment came from no browser that is known again.")
        author = db.session.get_one(Author, comment.author_id)
        if author.standing is not standing:
            author.standing = standing
            audit.note(standing.value, by=by, note=comment.name, comment=comment)


def open_comments(comment: Comment) -> list[str]:
    """The ids of what the author of a comment has on the site, visible or waiting."""
    if comment.author_id is None:
        return [comment.id] if comment.state in OPEN else []
    rows = select(Comment.id).where(
        Comment.author_id == comment.author_id, Comment.state.in_(sorted(OPEN))
    )
    return list(db.session.scalars(rows))


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
