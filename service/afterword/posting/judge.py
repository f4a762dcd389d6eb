"""What the checks make of a text, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core import config
from afterword.core.errors import Banned, Problem, Rejected
from afterword.identity.models import Standing
from afterword.markup.render import render
from afterword.posting import challenges
from afterword.posting.context import Arrival, gather
from afterword.spam import traces
from afterword.spam.assess import Assessment, assess
from afterword.spam.verdict import Context, Level


@dataclass(frozen=True)
class Judged:
    """A text with all that was worked out about it."""

    arrival: Arrival
    html: str
    context: Context
    assessment: Assessment
    cluster: str | None
    solved: str | None = None  # the challenge that it solves


def judge(arrival: Arrival, *, may_ask: bool) -> Judged:
    """Render a text and ask every check about it. ``may_ask``: whether a challenge can be put.

    Raises Banned, Rejected, ChallengeRequired, and what ``render`` raises.
    """
    draft, options = arrival.draft, arrival.site.options
    html = render(draft.text, limit=options.max_length)
    context = gather(arrival, html)
    assessment = assess(
        draft,
        context,
        with_form=config.current().form_checks,
        is_edit=arrival.edits is not None,
    )
    if assessment.level is Level.REJECT:
        raise _refusal(context)
    solved = None
    if assessment.level is Level.CHALLENGE and context.writer.standing is not Standing.TRUSTED:
        may_ask = may_ask and options.challenge
        assessment, solved = challenges.settle(draft, assessment, may_ask=may_ask)
    cluster = traces.cluster(draft, context)
    return Judged(arrival, html, context, assessment, cluster, solved)


def _refusal(context: Context) -> Problem:
    if context.exclusion:
        return Banned(context.exclusion.told)
    # Which rule is for the owner to know: told here, it would teach how to get around it.
    return Rejected("The rules of this site refuse this comment.")
