"""When a comment is held: verdict, policy of the site, history of the author."""

from __future__ import annotations

from sqlalchemy import exists, select

from afterword.core.db import db
from afterword.identity.models import Author
from afterword.sites.options import Options, Policy
from afterword.spam.assess import Assessment
from afterword.spam.verdict import Level
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State

HELD_BY_POLICY = "Every comment on this site waits for approval."
FIRST_BY_AUTHOR = "It is the author's first comment here."


def decide(
    assessment: Assessment, *, options: Options, author: Author | None, draft: Draft
) -> tuple[State, list[str]]:
    """The state of a new comment and the reasons why it waits, in words for the owner."""
    if draft.is_moderator:
        return State.VISIBLE, []
    reasons = list(assessment.reasons)
    if options.policy is Policy.HOLD_ALL:
        reasons.append(HELD_BY_POLICY)
    elif options.policy is Policy.HOLD_FIRST and not _is_approved(author):
        reasons.append(FIRST_BY_AUTHOR)
    held = assessment.level >= Level.HOLD or reasons
    return (State.PENDING if held else State.VISIBLE), reasons


def _is_approved(author: Author | None) -> bool:
    """Whether this author has a visible comment: by the author's secret, never by a typed name."""
    return author is not None and bool(
        db.session.scalar(
            select(exists().where(Comment.author_id == author.id, Comment.state == State.VISIBLE))
        )
    )
