"""Let authors change what they said: it is looked at again as if it were sent now."""

from __future__ import annotations

from dataclasses import replace

from afterword.core import clock
from afterword.core.db import transaction
from afterword.core.errors import Conflict
from afterword.core.i18n import _, stored
from afterword.markup import plain
from afterword.moderation import audit, permissions, rules, states
from afterword.posting import draft as drafts
from afterword.posting import target
from afterword.posting.context import Arrival
from afterword.posting.judge import Judged, judge
from afterword.posting.reader import Reader
from afterword.sites import directory
from afterword.spam import learn, traces
from afterword.threads import counts
from afterword.threads.models import Comment, State


def edit(comment_id: str, text: str, *, reader: Reader, revision: str | None = None) -> Comment:
    """Change one's own comment. The same text again changes nothing, however late it comes.

    ``revision`` is of the text that this one was made from. What was visible waits when a check
    objects to the new text; what waits goes on waiting. Raises NotFound, NotYours, TooLate,
    Conflict for a text that was made from another one, and what ``judge`` raises.
    """
    comment = target.find(comment_id)
    said = plain.clean(text)
    _check(comment, reader, said, revision)
    if comment.text == said:
        return comment
    judged = judge(_arrival(comment, text, reader), may_ask=False)
    return _store(comment, judged, reader, revision)


def _check(comment: Comment, reader: Reader, text: str, revision: str | None) -> None:
    target.check_own(comment, reader)
    if comment.state is State.REMOVED:
        raise target.gone()
    if comment.text == text:
        return
    permissions.may_change(comment, options=directory.by_id(comment.site_id).options)
    # What a moderator took out would come back, or what its author wrote in another tab would go.
    if revision not in (None, comment.revision):
        raise Conflict(_("The comment was changed in the meantime."))


def _arrival(comment: Comment, text: str, reader: Reader) -> Arrival:
    site, page = directory.by_id(comment.site_id), comment.page
    draft = replace(
        drafts.of(comment),
        text=plain.clean(text),
        is_moderator=False,  # who comes by a browser's secret is checked like anybody
        is_staff=comment.is_moderator,  # but for those who write for the blog: see ``window``
        as_sent=f"{comment.name}\n{text}",
    )
    return Arrival(
        draft=draft,
        site=site,
        page_key=page.key,
        token=reader.token,
        sender=reader.sender,
        edits=comment,
    )


def _store(comment: Comment, judged: Judged, reader: Reader, revision: str | None) -> Comment:
    draft = judged.arrival.draft
    with transaction():
        comment = target.lock(comment)
        _check(comment, reader, draft.text, revision)
        if comment.text == draft.text:
            return comment
        before = comment.state
        audit.write_edit(comment, "edit", by=audit.AUTHOR, before=before)
        comment.text, comment.html = draft.text, judged.html
        comment.edited = clock.now()
        decide(comment, judged)
        # What was marked as spam is known again by what it said then.
        if comment.state is not State.SPAM:
            traces.redraw(comment, judged.context)
        counts.settle(comment, before=before)
    return comment


def decide(comment: Comment, judged: Judged) -> None:
    """What becomes of a comment that says something else now. Inside the transaction."""
    state, reasons = rules.decide(
        judged.assessment, context=judged.context, draft=judged.arrival.draft
    )
    if comment.state is State.VISIBLE and state is State.PENDING:
        taught = learn.taught([comment.id]).get(comment.id)
        before = states.move(comment, State.PENDING)
        audit.write(comment, "hold", by=audit.CHECKS, before=before, taught_before=taught)
        comment.reasons = [
            stored("reason", "Its author has changed it since it was visible."),
            *reasons,
        ]
    elif comment.state is State.PENDING:
        # Why it waited before still counts: only a person lets it go.
        comment.reasons = list(dict.fromkeys([*comment.reasons, *reasons]))
