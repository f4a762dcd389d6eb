"""Whose a comment is, beside the browser's that sent it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from afterword.identity import accounts
from afterword.threads.models import Comment


def is_theirs(account_id: str) -> ColumnElement[bool]:
    """As a condition: an account wrote it, or it bears an address that is surely theirs.

    What bears an address is its owner's, whoever typed it there.
    """
    return or_(
        Comment.author_id.in_(accounts.author_ids(account_id)),
        Comment.email.in_(accounts.emails_of(account_id)),
    )


def owns(account_id: str, comment: Comment) -> bool:
    """The same of one comment."""
    if _wrote(account_id, comment):
        return True
    return comment.email is not None and comment.email in accounts.emails_of(account_id)


def may_change(account_id: str, comment: Comment) -> bool:
    """Whether it is theirs to change. What was said for the blog is its author's alone: of that
    address only the blog says whose it is, and a change appears under its badge."""
    return _wrote(account_id, comment) or (not comment.is_moderator and owns(account_id, comment))


def _wrote(account_id: str, comment: Comment) -> bool:
    return comment.author_id is not None and comment.author_id in accounts.author_ids(account_id)
