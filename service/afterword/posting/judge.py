"""What the checks make of a text, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core import config
from afterword.core.db import db
from afterword.core.errors import Banned, Problem, Rejected
from afterword.core.i18n import _
from afterword.identity.models import Standing
from afterword.markup.render import from_html, render
from afterword.posting import challenges
from afterword.posting.context import Arrival, gather
from afterword.spam import ask, traces
from afterword.spam.assess import Assessment, add, assess
from afterword.spam.verdict import Context, Level
from afterword.threads.draft import Draft
from afterword.threads.models import Format


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

    Those that ask others come last, once it is known that nothing else objects: they are told
    nothing of what is refused or waits anyhow.

    Raises Banned, Rejected, ChallengeRequired, and what ``render`` raises.
    """
    draft, options = arrival.draft, arrival.site.options
    written_in = arrival.edits.format if arrival.edits else Format.MARKDOWN
    made = from_html if written_in is Format.HTML else render
    html = made(draft.text, limit=options.max_length)
    context = gather(arrival, html)
    can_ask = may_ask and options.challenge
    assessment, solved = _settled(
        assess(
            draft,
            context,
            with_form=config.current().form_checks and draft.source is None,
            is_edit=arrival.edits is not None,
        ),
        draft,
        context,
        may_ask=can_ask,
    )
    others = ask.due(draft, context, assessment)
    if others:
        db.session.commit()  # they take their time: no connection of ours waits with them
        heard = add(assessment, ask.ask(others, draft, context))
        assessment, solved = _settled(heard, draft, context, may_ask=can_ask, solved=solved)
    cluster = traces.cluster(draft, context)
    return Judged(arrival, html, context, assessment, cluster, solved)


def _settled(
    assessment: Assessment,
    draft: Draft,
    context: Context,
    *,
    may_ask: bool,
    solved: str | None = None,
) -> tuple[Assessment, str | None]:
    """What is left to decide once refusals are told and challenges put, with the one solved."""
    if assessment.level is Level.REJECT:
        raise _refusal(context)
    if assessment.level is not Level.CHALLENGE or context.writer.standing is Standing.TRUSTED:
        return assessment, solved
    return challenges.settle(draft, assessment, may_ask=may_ask)


def _refusal(context: Context) -> Problem:
    if context.exclusion:
        return Banned(context.exclusion.told)
    # Which rule is for the owner to know: told here, it would teach how to get around it.
    return Rejected(_("The rules of this site refuse this comment."))
