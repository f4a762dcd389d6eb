"""When a comment is held: verdict, policy of the site, history of the author."""

from __future__ import annotations

from afterword.identity.models import Standing
from afterword.sites.options import Options, Policy
from afterword.spam.assess import Assessment
from afterword.spam.verdict import Level, Writer
from afterword.threads.draft import Draft
from afterword.threads.models import State

HELD_BY_POLICY = "Every comment on this site waits for approval."
HELD_AUTHOR = "You chose to hold all comments by its author."
FIRST_BY_AUTHOR = "It is the author's first comment here."


def decide(
    assessment: Assessment, *, options: Options, writer: Writer, draft: Draft
) -> tuple[State, list[str]]:
    """The state of a new comment and the reasons why it waits, in words for the owner."""
    if draft.is_moderator:
        return State.VISIBLE, []
    wait = _by_owner(options, writer)
    trusted = writer.standing is Standing.TRUSTED
    if trusted or (assessment.level < Level.HOLD and wait is None):
        return State.VISIBLE, []
    return State.PENDING, [*assessment.reasons, *([wait] if wait else [])]


def _by_owner(options: Options, writer: Writer) -> str | None:
    """Why the owner lets a comment wait that no check objects to."""
    if writer.standing is Standing.HELD:
        return HELD_AUTHOR
    if options.policy is Policy.HOLD_ALL:
        return HELD_BY_POLICY
    if options.policy is Policy.HOLD_FIRST and writer.approved < options.trust_after:
        return _first(writer.approved, options.trust_after)
    return None


def _first(approved: int, wanted: int) -> str:
    if wanted == 1:
        return FIRST_BY_AUTHOR
    return f"You have approved {approved} of the first {wanted} comments by its author."
