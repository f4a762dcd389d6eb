"""When a comment is held: verdict, policy of the site, history of the author."""

from __future__ import annotations

from afterword.identity.models import Standing
from afterword.markup import links
from afterword.sites.options import Policy
from afterword.spam.assess import Assessment
from afterword.spam.verdict import Context, Level
from afterword.threads.draft import Draft
from afterword.threads.models import State

HELD_BY_POLICY = "Every comment on this site waits for approval."
HELD_AUTHOR = "You chose to hold all comments by its author."
FIRST_BY_AUTHOR = "It is the author's first comment here."
HAS_LINK = "It has a link, and its author is not known here yet."


def decide(assessment: Assessment, *, context: Context, draft: Draft) -> tuple[State, list[str]]:
    """The state of a new comment and the reasons why it waits, in words for the owner."""
    if draft.is_moderator or context.writer.standing is Standing.TRUSTED:
        return State.VISIBLE, []
    wait = _by_owner(assessment, context, draft)
    if assessment.level < Level.HOLD and wait is None:
        return State.VISIBLE, []
    return State.PENDING, [*assessment.reasons, *([wait] if wait else [])]


def _by_owner(assessment: Assessment, context: Context, draft: Draft) -> str | None:
    """Why the owner lets a comment wait that no check objects to."""
    if context.writer.standing is Standing.HELD:
        return HELD_AUTHOR
    match context.options.policy:
        case Policy.HOLD_ALL:
            return HELD_BY_POLICY
        case Policy.HOLD_FIRST if not context.is_known:
            return _first(context)
        case Policy.HOLD_LINKS if not context.is_known and _has_link(context, draft):
            return HAS_LINK
        case Policy.HOLD_SCORE if assessment.suspicion * 100 >= context.options.hold_score:
            return f"It is suspicious by {assessment.suspicion:.0%}."
    return None


def _first(context: Context) -> str:
    wanted, approved = context.options.trust_after, context.writer.approved
    if wanted == 1:
        return FIRST_BY_AUTHOR
    return f"You have approved {approved} of the first {wanted} comments by its author."


def _has_link(context: Context, draft: Draft) -> bool:
    return bool(draft.website or links.outward(context.html, context.hosts))
