"""The log of acts: written in the transaction of the act itself."""

from __future__ import annotations

from sqlalchemy import select

from afterword.core.db import db
from afterword.moderation.models import Act
from afterword.threads.models import Comment, State


def write(
    comment: Comment, verb: str, *, by: str, before: State, text_before: str | None = None
) -> None:
    """Note an act. Inside its transaction."""
    db.session.add(
        Act(
            comment_id=comment.id,
            verb=verb,
            by=by,
            state_before=before.value,
            text_before=text_before,
        )
    )


def state_before(comment: Comment) -> State | None:
    """The state that a comment had before it came into its present one; None when not known."""
    acts = db.session.scalars(
        select(Act).where(Act.comment_id == comment.id).order_by(Act.id.desc()).limit(20)
    )
    for act in acts:
        if act.state_before != comment.state.value:
            return State(act.state_before)
    return None
