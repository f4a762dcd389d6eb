"""What a moderator does to comments. Each act is one transaction with its line in the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.core.i18n import _
from afterword.markup import pictures, plain
from afterword.markup.render import from_html, render, sanitise
from afterword.moderation import audit, lessons, reports, states
from afterword.moderation.models import Act
from afterword.spam import learn
from afterword.spam.models import Taught
from afterword.threads import counts, turns
from afterword.threads.models import Comment, Format, State


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How comments were for who decides over them: one that is otherwise by now stays untouched."""

    state: State | None = None
    is_reported: bool = False  # and was shown for that
    texts: Mapping[str, str] = field(default_factory=dict)  # by id: what ``as_seen`` said then
    at: dt.datetime | None = None  # edited or decided over later, it is otherwise
    reports_until: dt.datetime | None = None  # what is reported later waits on; ``at`` unless said


NOTHING: Final = Seen()


def approve(ids: Iterable[str], *, by: str, seen: Seen = NOTHING) -> list[Comment]:
    """Make comments visible. See ``_move_all``."""
    return _move_all(ids, "approve", by=by, seen=seen)


def spam(ids: Iterable[str], *, by: str, seen: Seen = NOTHING) -> list[Comment]:
    """Mark comments as spam. See ``_move_all``."""
    return _move_all(ids, "spam", by=by, seen=seen)


def remove(ids: Iterable[str], *, by: str, seen: Seen = NOTHING) -> list[Comment]:
    """Take comments away; one that has replies leaves a tombstone. See ``_move_all``."""
    return _move_all(ids, "remove", by=by, seen=seen)


def restore(ids: Iterable[str], *, by: str, seen: Seen = NOTHING) -> list[Comment]:
    """Give comments back the state that they had before the present one. See ``_move_all``."""
    return _move_all(ids, "restore", by=by, seen=seen)


def undo(acts: Iterable[Act], *, by: str) -> list[Comment]:
    """Take back moves and edits, each unless the comment was moved or edited again since.

    Answers the comments that are as before.
    """
    acts = list(acts)
    reverted = [comment for act in acts if act.verb == "edit" and (comment := _revert(act, by=by))]
    with transaction():
        return reverted + undo_within([act for act in acts if act.verb != "edit"], by=by)


def undo_within(acts: Sequence[Act], *, by: str) -> list[Comment]:
    """The same of moves, inside a transaction."""
    ids = [act.comment_id for act in acts if act.comment_id]
    moved, taught = [], []
    turns.of_comments(ids)
    known = learn.taught(ids)
    for act in acts:
        if act.comment_id is None or act.state_before is None or not audit.is_last_move(act):
            continue
        comment = _one(act.comment_id)
        if comment.is_erased:
            continue
        taught.append((comment, Taught(act.taught_before) if act.taught_before else None))
        _move(comment, State(act.state_before), "undo", by=by, taught=known.get(comment.id))
        reports.reopen(act)
        moved.append(comment)
    learn.follow(taught)
    return moved


def _revert(act: Act, *, by: str) -> Comment | None:
    """Put back the text from before an edit, rendered anew. Raises what ``render`` raises."""
    if act.comment_id is None or act.text_before is None or act.format_before is None:
        return None
    text, written_in = act.text_before, Format(act.format_before)
    # It was accepted once, under a limit that may have been another.
    html = sanitise(text) if written_in is Format.HTML else render(text, limit=len(text))
    with transaction():
        comment = _locked(act.comment_id)  # two at once must not both be the first
        if comment.is_erased or not audit.is_last_edit(act):
            return None
        audit.write_edit(comment, "revert", by=by, before=comment.state)
        comment.text, comment.format, comment.html = text, written_in, html
        comment.edited = act.edited_before
        counts.settle(comment, before=comment.state)
    return comment


def edit(comment_id: str, text: str, *, by: str, limit: int, seen: str | None = None) -> Comment:
    """Change a comment's text; it stays Markdown or HTML. ``seen`` is how it read before.

    Raises NotFound, Conflict for one that is erased, what ``check_seen`` and ``render`` raise.
    """
    text = plain.clean(text)
    if _one(comment_id).format is Format.HTML:
        # As what an import brings: the source has passed the gates too.
        text = html = from_html(pictures.in_html(text), limit=limit)
    else:
        html = render(text, limit=limit)
    with transaction():
        comment = _locked(comment_id)
        if comment.is_erased:  # with a text it could be restored, as if its author had written that
            raise Conflict(_("This comment was erased: only its place is left."))
        if seen is not None:
            check_seen(comment, seen)
        audit.write_edit(comment, "edit", by=by, before=comment.state)
        comment.text, comment.html = text, html
        comment.edited = clock.now()
        counts.settle(comment, before=comment.state)
    return comment


def move_within(ids: Sequence[str], verb: str, *, by: str, seen: Seen = NOTHING) -> list[Comment]:
    """Move comments as ``approve``, ``spam``, ``remove`` or ``restore`` does, in a transaction."""
    to = _TO[verb]
    moved, taught, answers = [], [], {}
    turns.of_comments(ids)
    until = seen.reports_until or seen.at
    known, reported = learn.taught(ids), reports.of_comments(ids, until=until)
    decided = audit.moved_since(seen.at, ids) if seen.at else set()
    for comment_id in ids:
        comment = _one(comment_id)
        if comment.is_erased or comment_id in decided or not _is_as(seen, comment):
            continue
        if seen.is_reported and comment_id not in reported:
            continue  # kept by somebody else, which left it in its state
        state, before = to(comment), known.get(comment_id)
        taught.append((comment, lessons.of(verb, comment, before)))
        if comment.state is not state or comment_id in reported:
            act = _move(comment, state, verb, by=by, taught=before)
            moved.append(comment)
            if comment_id in reported:
                answers[comment_id] = act
    reports.answer(answers, until=until)
    learn.follow(taught)
    return moved


def as_seen(comment: Comment) -> str:
    """What tells whether a comment still says what somebody read who decides over it."""
    return comment.revision


def _is_as(seen: Seen, comment: Comment) -> bool:
    if seen.state is not None and comment.state is not seen.state:
        return False
    if seen.at is not None and comment.edited is not None and comment.edited > seen.at:
        return False
    return seen.texts.get(comment.id, as_seen(comment)) == as_seen(comment)


def check_seen(comment: Comment, seen: str) -> None:
    """Raises Conflict for a comment that says something else than somebody read."""
    if seen != as_seen(comment):
        raise Conflict(_("The comment was changed in the meantime. Above is how it reads now."))


def _move_all(ids: Iterable[str], verb: str, *, by: str, seen: Seen) -> list[Comment]:
    """Move comments together; one that is where it should be stays there. Raises NotFound.

    A comment that was ``seen`` otherwise than it is now stays untouched. Answers the comments that
    moved, or whose reports are answered by this. The filter learns from each, moved or only
    confirmed.
    """
    with transaction():
        return move_within(list(dict.fromkeys(ids)), verb, by=by, seen=seen)


def _move(comment: Comment, to: State, verb: str, *, by: str, taught: Taught | None) -> Act:
    """Also where it stays: what was reported and is good is approved where it is."""
    before = comment.state
    act = audit.write(comment, verb, by=by, before=before, taught_before=taught)
    if before is not to:
        states.move(comment, to)
        counts.settle(comment, before=before)
    return act


def _always(state: State) -> Callable[[Comment], State]:
    return lambda _: state


def _one(comment_id: str) -> Comment:
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    if comment is None:
        raise _gone(comment_id)
    return comment


def _locked(comment_id: str) -> Comment:
    comment = turns.comment(_one(comment_id))
    if comment is None:
        raise _gone(comment_id)
    return comment


def _gone(comment_id: str) -> NotFound:
    return NotFound(_("There is no comment %(comment_id)s.", comment_id=comment_id))


def _earlier(comment: Comment) -> State:
    if comment.state in {State.VISIBLE, State.PENDING}:
        return comment.state
    before = audit.before(comment)
    return before.state if before else State.VISIBLE


_TO: Final[dict[str, Callable[[Comment], State]]] = {
    "approve": _always(State.VISIBLE),
    "spam": _always(State.SPAM),
    "remove": _always(State.REMOVED),
    "restore": _earlier,
}
