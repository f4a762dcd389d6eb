"""Let authors change what they said: it is looked at again as if it were sent now."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core import clock, config
from afterword.core.db import transaction
from afterword.identity import authors
from afterword.markup import plain
from afterword.markup.render import render
from afterword.moderation import audit, permissions, rules, states
from afterword.posting import challenges, target
from afterword.posting.context import Arrival, gather
from afterword.posting.reader import Reader
from afterword.posting.submit import refusal
from afterword.sites import directory
from afterword.spam import learn, traces
from afterword.spam.assess import Assessment, assess
from afterword.spam.verdict import Context, Level
from afterword.threads import counts
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Format, State


@dataclass(frozen=True)
class _Judged:
    """A new text with all that was worked out before the write begins."""

    arrival: Arrival
    html: str
    context: Context
    assessment: Assessment


def edit(comment_id: str, text: str, *, reader: Reader) -> Comment:
    """Change one's own comment. The same text again changes nothing, however late it comes.

    What was visible waits when a check objects to the new text; what waits goes on waiting. Raises
    NotFound, NotYours, TooLate, and what ``render`` and ``submit`` raise.
    """
    comment = target.find(comment_id)
    said = plain.clean(text)
    _check(comment, reader, said)
    if comment.text == said:
        return comment
    judged = _judge(comment, text, reader)
    if judged.assessment.level is Level.REJECT:
        raise refusal(judged.context)
    return _store(comment, judged, reader)


def _check(comment: Comment, reader: Reader, text: str) -> None:
    target.check_own(comment, authors.find(reader.token, site_id=comment.site_id))
    if comment.state is State.REMOVED:
        raise target.gone()
    if comment.text != text:
        permissions.may_change(comment, options=directory.by_id(comment.site_id).options)


def _judge(comment: Comment, text: str, reader: Reader) -> _Judged:
    site, page = directory.by_id(comment.site_id), comment.page
    draft = Draft(
        url=page.url,
        text=plain.clean(text),
        parent=comment.parent_id,
        name=comment.name,
        email=comment.email,
        website=comment.website,
        quote=comment.quote,
        lang=comment.lang,
        as_sent=f"{comment.name}\n{text}",
    )
    arrival = Arrival(
        draft=draft,
        site=site,
        page_key=page.key,
        token=reader.token,
        sender=reader.sender,
        edits=comment,
    )
    html = render(draft.text, limit=site.options.max_length)
    context = gather(arrival, html)
    with_form = config.current().form_checks
    assessment = assess(draft, context, with_form=with_form, is_edit=True)
    if assessment.level is Level.CHALLENGE:
        assessment, _ = challenges.settle(draft, assessment, may_ask=False)
    return _Judged(arrival, html, context, assessment)


def _store(comment: Comment, judged: _Judged, reader: Reader) -> Comment:
    draft = judged.arrival.draft
    with transaction():
        comment = target.lock(comment)
        _check(comment, reader, draft.text)
        if comment.text == draft.text:
            return comment
        before = comment.state
        audit.write(comment, "edit", by=audit.AUTHOR, before=before, text_before=comment.text)
        comment.text, comment.format, comment.html = draft.text, Format.MARKDOWN, judged.html
        comment.edited = clock.now()
        _decide(comment, judged)
        traces.redraw(comment, judged.context)
        counts.settle(comment, before=before)
    return comment


def _decide(comment: Comment, judged: _Judged) -> None:
    state, reasons = rules.decide(
        judged.assessment, context=judged.context, draft=judged.arrival.draft
    )
    if comment.state is State.VISIBLE and state is State.PENDING:
        taught = learn.taught([comment.id]).get(comment.id)
        before = states.move(comment, State.PENDING)
        audit.write(comment, "hold", by=audit.CHECKS, before=before, taught_before=taught)
        comment.reasons = ["Its author has changed it since it was visible.", *reasons]
    elif comment.state is State.PENDING:
        # Why it waited before still counts: only a person lets it go.
        comment.reasons = list(dict.fromkeys([*comment.reasons, *reasons]))
