"""What was said on a page elsewhere, when it changes there or is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from afterword.core import clock
from afterword.core.db import transaction
from afterword.moderation import audit
from afterword.posting import edit, pictures, target
from afterword.posting.context import Arrival, Sender
from afterword.posting.judge import Judged, judge
from afterword.posting.remove import move, own_removal
from afterword.sites import directory
from afterword.spam import traces
from afterword.threads import counts
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State

HERE: Final = frozenset({State.VISIBLE, State.PENDING})


def renew(comment: Comment, draft: Draft) -> None:
    """Let it say what the page says now; it is looked at again as an edit is.

    What was gone there comes back; what a moderator took away stays away, and what they made of its
    words stays until the page says others. Raises what ``judge`` raises.
    """
    is_away = not _is_here(comment)
    if is_away and _state_before(comment) is None:
        return
    # Else anybody could undo a moderator's edit, who tells of the page once more.
    says_else = draft.text != audit.authors_words(comment)
    draft = draft if says_else else replace(draft, text=comment.text)
    # Before it comes back: what the rules refuse now is not to bring back what it said before.
    judged = _judged(comment, draft) if _says(comment) != _says(draft) else None
    with transaction():
        comment = target.lock(comment)
        back = _state_before(comment) if is_away else None
        if back is not None:
            move(comment, back, "restore")
        if judged is None or not _is_here(comment):
            return  # it says the same, or was taken away or erased while a check was asked
        before = comment.state
        audit.write_edit(comment, "edit", by=audit.AUTHOR, before=before)
        if says_else:  # a moderator may have edited it while a check was asked
            comment.text, comment.html = draft.text, judged.html
        comment.edited, comment.source = clock.now(), draft.source
        comment.name, comment.website, comment.lang = draft.name, draft.website, draft.lang
        edit.decide(comment, judged)
        traces.redraw(comment, judged.context)
        counts.settle(comment, before=before)


def picture(comment: Comment, drawn: bytes | None) -> None:
    """Show it with this picture of its author, or with none."""
    with transaction():
        comment = target.lock(comment)
        if comment.is_erased:
            return
        chosen = pictures.keep(drawn) if drawn is not None else None
        if chosen == comment.picture_id:
            return
        before, comment.picture_id = comment.picture_id, chosen
        if comment.state is State.VISIBLE:
            counts.touch(comment.page_id, comment)
        if before is not None:
            pictures.drop_unused()


def withdraw(comment: Comment) -> None:
    """Take away what is not said there any more."""
    with transaction():
        comment = target.lock(comment)
        if _is_here(comment):
            move(comment, State.REMOVED, "remove")


def is_barred(comment: Comment) -> bool:
    """Whether a moderator took it away: what its page says is to stay away."""
    return comment.state not in HERE and own_removal(comment) is None


def _judged(comment: Comment, draft: Draft) -> Judged:
    arrival = Arrival(
        draft=draft,
        site=directory.by_id(comment.site_id),
        page_key=comment.page.key,
        token=None,
        sender=Sender(),
        edits=comment,
    )
    return judge(arrival, may_ask=False)


def _state_before(comment: Comment) -> State | None:
    """How it stood before its page took it away; None where that is not why it is away."""
    act = own_removal(comment) if comment.state is State.REMOVED else None
    if act is None or act.state_before is None or comment.is_erased:
        return None
    return State(act.state_before)


def _is_here(comment: Comment) -> bool:
    return comment.state in HERE and not comment.is_erased


def _says(one: Comment | Draft) -> tuple[str | None, ...]:
    return one.text, one.name, one.website, one.lang, one.source
