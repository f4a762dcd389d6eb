"""The log of acts: written in the transaction of the act itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from afterword.core.db import db, transaction
from afterword.moderation.models import Act
from afterword.moderation.scope import Scope, within
from afterword.threads.models import Comment, State

MOVES = ("approve", "spam", "remove", "restore", "undo", "hold")
EDITS = ("edit", "revert")
TAKEN_BACK = ("undo", "revert")
# What readers see the effect of, where it is about a comment that they saw.
CHANGES = ("edit", "remove", "spam")
# What has a note is about the author: "hold" is then what is to become of all that they send.
_IS_MOVE = (Act.verb.in_(MOVES), Act.note.is_(None))
# Who acts when no moderator does.
AUTHOR, CHECKS, READERS = "author", "checks", "readers"


class Before(NamedTuple):
    """How a comment was before an act: its state, and what it had taught the filter."""

    state: State
    taught: str | None


def write(
    comment: Comment, verb: str, *, by: str, before: State, taught_before: str | None = None
) -> Act:
    """Note an act. Inside its transaction."""
    act = Act(
        comment_id=comment.id,
        site_id=comment.site_id,
        verb=verb,
        by=by,
        state_before=before.value,
        taught_before=taught_before,
    )
    db.session.add(act)
    return act


def write_edit(comment: Comment, verb: str, *, by: str, before: State) -> Act:
    """Note that a comment's text changes, before it does. Inside the transaction."""
    act = write(comment, verb, by=by, before=before)
    act.text_before, act.format_before = comment.text, comment.format.value
    act.edited_before = comment.edited
    return act


def record(
    verb: str,
    *,
    by: str,
    about: str | None,
    site_id: int | None = None,
    comment: Comment | None = None,
) -> None:
    """``note`` by itself, for what is handed out, or done where nobody knows of the log."""
    with transaction():
        note(verb, by=by, note=about, site_id=site_id, comment=comment)


def note(
    verb: str,
    *,
    by: str,
    note: str | None,
    site_id: int | None = None,
    comment: Comment | None = None,
) -> Act:
    """Note an act that is about a page or a person, maybe a comment's author.

    Inside its transaction. Without a site only owners see it. One that can be taken back says what
    it was about, by the act's ``subject`` and ``before``.
    """
    act = Act(
        comment_id=comment.id if comment else None,
        site_id=comment.site_id if comment else site_id,
        verb=verb,
        by=by,
        state_before=comment.state.value if comment else None,
        note=note[:500] if note is not None else None,
    )
    db.session.add(act)
    return act


def last_moves(comments: Iterable[Comment]) -> list[Act]:
    """The newest move of each of these comments."""
    return _last((comment.id for comment in comments), *_IS_MOVE)


def last_edits(comments: Iterable[Comment]) -> list[Act]:
    """The newest change of the text of each of these comments that has one."""
    return _last((comment.id for comment in comments), Act.verb.in_(EDITS))


def first_edits(comments: Iterable[Comment], *, since: dt.datetime, but_by: str) -> list[Act]:
    """The oldest change of the text of each of these comments since then by others than this
    moderator."""
    ids = (comment.id for comment in comments)
    is_one = (Act.verb == "edit", Act.at >= since, Act.by != but_by)
    return _outermost(func.min(Act.id), ids, *is_one)


def edited(ids: Iterable[str]) -> dict[str, dt.datetime]:
    """When the text of each of these comments was changed last, or changed back."""
    rows = select(Act.comment_id, func.max(Act.at)).where(
        Act.comment_id.in_(sorted(ids)), Act.verb.in_(EDITS)
    )
    return {one: at for one, at in db.session.execute(rows.group_by(Act.comment_id)) if one}


def last_acts(comments: Iterable[Comment]) -> list[Act]:
    """The newest of both kinds of each of these comments."""
    ids = (comment.id for comment in comments)
    return _last(ids, Act.verb.in_((*MOVES, *EDITS)), Act.note.is_(None))


def moved_since(moment: dt.datetime, ids: Iterable[str]) -> set[str]:
    """Those of these comments that were decided over later, also where it left their state."""
    rows = select(Act.comment_id).where(Act.comment_id.in_(sorted(ids)), Act.at > moment, *_IS_MOVE)
    return set(db.session.scalars(rows))


def is_last_move(act: Act) -> bool:
    """Whether this act moved a comment, and nothing moved it since."""
    later = exists().where(Act.comment_id == act.comment_id, Act.id > act.id, *_IS_MOVE)
    return act.verb in MOVES and act.note is None and not db.session.scalar(select(later))


def is_last_edit(act: Act) -> bool:
    """Whether this act changed a comment's text, keeps what was, and nothing changed it since."""
    later = exists().where(Act.comment_id == act.comment_id, Act.id > act.id, Act.verb.in_(EDITS))
    return act.verb in EDITS and act.keeps_text and not db.session.scalar(select(later))


def last_of_comments(acts: Iterable[Act]) -> set[int]:
    """The numbers of the last move and the last edit, where it keeps what was, of each comment that
    these acts are about."""
    ids = {act.comment_id for act in acts if act.comment_id is not None}
    edits = (act for act in _last(ids, Act.verb.in_(EDITS)) if act.keeps_text)
    return {act.id for act in (*_last(ids, *_IS_MOVE), *edits)}


def last_about(acts: Iterable[Act]) -> set[int]:
    """The numbers of those of these acts after which nothing happened to their subject."""
    subjects = sorted({act.subject for act in acts if act.subject})
    newest = select(func.max(Act.id)).where(Act.subject.in_(subjects)).group_by(Act.subject)
    return set(db.session.scalars(newest))


def newest_about(subjects: Iterable[str]) -> list[Act]:
    """The last act about each of these subjects that has one."""
    newest = select(func.max(Act.id)).where(Act.subject.in_(sorted(subjects)))
    return list(db.session.scalars(select(Act).where(Act.id.in_(newest.group_by(Act.subject)))))


def find(numbers: Iterable[int], *, by: str, sites: Scope = None) -> list[Act]:
    """Somebody's own lines of the log, as far as they are about these sites."""
    rows = select(Act).where(Act.id.in_(sorted(numbers)), Act.by == by)
    rows = rows.where(*within(Act.site_id, sites))
    return list(db.session.scalars(rows.order_by(Act.id)))


def newest(comment: Comment) -> Act | None:
    """The last line of the log about a comment."""
    rows = select(Act).where(Act.comment_id == comment.id)
    return db.session.scalar(rows.order_by(Act.id.desc()).limit(1))


def newest_change(comment: Comment) -> Act | None:
    """The last act that changed what readers saw of a comment, or took it away.

    None when that was taken back since.
    """
    is_change = and_(Act.verb.in_(CHANGES), Act.state_before == State.VISIBLE.value)
    is_back = Act.verb.in_(("restore", *TAKEN_BACK))
    rows = select(Act).where(
        Act.comment_id == comment.id, Act.note.is_(None), or_(is_change, is_back)
    )
    act = db.session.scalar(rows.order_by(Act.id.desc()).limit(1))
    return act if act is not None and act.verb in CHANGES else None


def changed(since: dt.datetime, *, sites: Scope, but_by: str, limit: int) -> list[Comment]:
    """What readers saw and others than this moderator changed or took away, the last first."""
    rows = (
        select(Comment)
        .join(Act, Act.comment_id == Comment.id)
        .where(
            Act.at >= since,
            Act.by != but_by,
            Act.verb.in_(CHANGES),
            Act.state_before == State.VISIBLE.value,
            *within(Act.site_id, sites),
        )
        .order_by(Act.at.desc(), Act.id.desc())
    )
    found = db.session.scalars(rows.limit(limit * 5))  # several acts may be about one
    return list(dict.fromkeys(found))[:limit]


def was_approved() -> ColumnElement[bool]:
    """Of rows of comments: those that a moderator has let appear, and did not take that back."""
    later = aliased(Act)
    # An undo takes back what was done last, so the move right before it.
    is_later = (later.comment_id == Act.comment_id, later.id > Act.id)
    is_move = (later.verb.in_(MOVES), later.note.is_(None))
    following = select(later.verb).where(*is_later, *is_move).order_by(later.id).limit(1)
    is_kept = func.coalesce(following.correlate(Act).scalar_subquery(), "") != "undo"
    return exists().where(Act.comment_id == Comment.id, Act.verb == "approve", is_kept)


def is_approved(comment: Comment) -> bool:
    """Whether a moderator has let appear what it says now, and has not taken that back."""
    by_author = and_(Act.verb == "edit", Act.by == AUTHOR)
    rows = select(Act.verb).where(Act.comment_id == comment.id, or_(and_(*_IS_MOVE), by_author))
    later = None
    for verb in db.session.scalars(rows.order_by(Act.id.desc())):
        if verb == "edit":
            return False
        if verb == "approve" and later != "undo":
            return True
        later = verb
    return False


def authors_words(comment: Comment) -> str:
    """What its author said last, whatever a moderator made of it since."""
    edits = select(Act).where(Act.comment_id == comment.id, Act.verb.in_(EDITS))
    words = comment.text
    for act in db.session.scalars(edits.order_by(Act.id.desc())):
        # What is said elsewhere may change its author's name and none of its words.
        is_theirs = act.by == AUTHOR and act.text_before != words
        if is_theirs or act.text_before is None:
            break
        words = act.text_before
    return words


def said_before(text: str) -> ColumnElement[bool]:
    """Of rows of comments: those that said this once, before an edit."""
    return exists().where(
        Act.comment_id == Comment.id, Act.verb.in_(EDITS), Act.text_before == text
    )


def before(comment: Comment) -> Before | None:
    """How a comment was before it came into its present state; None when not known."""
    acts = db.session.scalars(
        select(Act).where(Act.comment_id == comment.id).order_by(Act.id.desc()).limit(20)
    )
    for act in acts:
        if act.state_before not in {None, comment.state.value}:
            return Before(State(act.state_before), act.taught_before)
    return None


def _last(ids: Iterable[str], *kind: ColumnElement[bool]) -> list[Act]:
    """The newest act of a kind about each of these comments that has one."""
    return _outermost(func.max(Act.id), ids, *kind)


def _outermost(
    end: ColumnElement[int], ids: Iterable[str], *kind: ColumnElement[bool]
) -> list[Act]:
    of_each = select(end).where(Act.comment_id.in_(sorted(ids)), *kind)
    ends = of_each.group_by(Act.comment_id)
    return list(db.session.scalars(select(Act).where(Act.id.in_(ends)).order_by(Act.id)))
