"""Comments that stand first on their page, however it is sorted."""

from __future__ import annotations

from sqlalchemy import func, select

from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.core.i18n import _
from afterword.moderation import audit
from afterword.threads import counts, turns
from afterword.threads.models import Comment, Page, State

MOST = 3  # of one page: what stands before the newest has to be worth it


def set_pinned(comment_id: str, *, is_pinned: bool, by: str) -> Comment:
    """Pin a comment, or let it go back to its place. What is so already stays. Raises NotFound.

    Raises Conflict for an answer, for one that is not visible, and on a page with ``MOST`` pins.
    """
    with transaction() as session:
        there = session.get(Comment, comment_id)
        comment = turns.comment(there) if there is not None else None
        if comment is None:
            raise NotFound(_("There is no such comment."))
        if comment.is_pinned is is_pinned:
            return comment
        # Locked: of two who pin at once the second counts what the first did.
        page = session.get_one(Page, comment.page_id, populate_existing=True, with_for_update=True)
        if is_pinned:
            _check(comment)
        comment.is_pinned = is_pinned
        counts.touch(page.id, comment)
        verb = "pin" if is_pinned else "unpin"
        audit.note(verb, by=by, note=page.title or page.url, comment=comment)
    return comment


def may_stand_first(comment: Comment) -> bool:
    """Whether a comment is one that can be pinned: visible, in the thread, and no answer."""
    is_in_thread = comment.root_id is None and not comment.is_apart
    return is_in_thread and comment.state is State.VISIBLE


def _check(comment: Comment) -> None:
    if comment.is_apart:
        raise Conflict(_("What was said elsewhere cannot be pinned."))
    if comment.root_id is not None:
        raise Conflict(_("An answer cannot be pinned: it stands below what it answers."))
    if comment.state is not State.VISIBLE:
        raise Conflict(_("Only a visible comment can be pinned."))
    pinned = select(func.count()).where(
        Comment.page_id == comment.page_id,
        Comment.root_id.is_(None),
        Comment.is_shown.is_(True),
        Comment.is_pinned.is_(True),
    )
    if (db.session.scalar(pinned) or 0) >= MOST:
        raise Conflict(
            _(
                "%(most)s comments are pinned on this page already: let one of them go.",
                most=MOST,
            )
        )
