"""When a comment is held: verdict, policy of the site, history of the author."""

from __future__ import annotations

from afterword.core.i18n import NC_, stored
from afterword.identity.models import Standing
from afterword.markup import links
from afterword.sites.options import Fediverse, Policy
from afterword.spam.assess import Assessment
from afterword.spam.verdict import Context, Level
from afterword.threads.draft import Draft
from afterword.threads.models import Mention, State

HELD_BY_POLICY = NC_("reason", "Every comment on this site waits for approval.")
HELD_AUTHOR = NC_("reason", "You chose to hold all comments by its author.")
FIRST_BY_AUTHOR = NC_("reason", "It is the author's first comment here.")
FROM_ELSEWHERE = NC_(
    "reason", "It was said on a page elsewhere, and its author is not known here yet."
)
HAS_LINK = NC_("reason", "It has a link, and its author is not known here yet.")


def decide(assessment: Assessment, *, context: Context, draft: Draft) -> tuple[State, list[str]]:
    """The state of a new comment and the reasons why it waits, in words for the owner."""
    is_staff = draft.is_staff and context.writer.standing is not Standing.HELD
    # Where one is trusted their site may still lead on to anybody's.
    is_trusted = context.writer.standing is Standing.TRUSTED and draft.led_to is None
    if draft.is_moderator or is_staff or is_trusted:
        return State.VISIBLE, []
    wait = _by_owner(assessment, context, draft)
    if assessment.level < Level.HOLD and wait is None:
        return State.VISIBLE, []
    return State.PENDING, [*assessment.reasons, *([wait] if wait else [])]


def _by_owner(assessment: Assessment, context: Context, draft: Draft) -> str | None:
    """Why the owner lets a comment wait that no check objects to."""
    if context.writer.standing is Standing.HELD:
        return HELD_AUTHOR
    if draft.led_to is not None:
        return stored("reason", "Its page led on to %(host)s, which said this.", host=draft.led_to)
    return _by_policy(context, draft, assessment) or _from_elsewhere(context, draft)


def _from_elsewhere(context: Context, draft: Draft) -> str | None:
    # No form that was filled in and no browser stands for it: somebody has to know its author.
    is_welcome = draft.mention is Mention.FEDIVERSE and context.options.fediverse is Fediverse.SHOW
    return FROM_ELSEWHERE if draft.source and not context.is_known and not is_welcome else None


def _by_policy(context: Context, draft: Draft, assessment: Assessment) -> str | None:
    match context.options.policy:
        case Policy.HOLD_ALL:
            return HELD_BY_POLICY
        case Policy.HOLD_FIRST if not context.is_known:
            return _first(context)
        case Policy.HOLD_LINKS if not context.is_known and _has_link(context, draft):
            return HAS_LINK
        case Policy.HOLD_SCORE if assessment.suspicion * 100 >= context.options.hold_score:
            return stored(
                "reason", "It is suspicious by %(share)s.", share=f"{assessment.suspicion:.0%}"
            )
    return None


def _first(context: Context) -> str:
    wanted, approved = context.options.trust_after, context.writer.approved
    if wanted == 1:
        return FIRST_BY_AUTHOR
    return stored(
        "reason",
        "You have approved %(approved)s of the first %(wanted)s comments by its author.",
        approved=approved,
        wanted=wanted,
    )


def _has_link(context: Context, draft: Draft) -> bool:
    return bool(draft.website or links.outward(context.html, context.hosts))
