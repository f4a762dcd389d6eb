"""The comment that somebody acts on."""

from __future__ import annotations

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import NotFound, NotYours
from afterword.core.i18n import _
from afterword.identity import authors
from afterword.posting.reader import Reader
from afterword.threads import ownership, turns
from afterword.threads.models import Comment


def find(comment_id: str) -> Comment:
    """A comment, however it stands. Raises NotFound."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None:
        raise gone()
    return comment


def lock(comment: Comment) -> Comment:
    """The same as it stands now, for a write: see ``turns.comment``. Raises NotFound."""
    found = turns.comment(comment)
    if found is None:
        raise gone()
    return found


def check_own(comment: Comment, reader: Reader) -> None:
    """Raises NotYours for somebody else's comment, NotFound when they should not know of it."""
    author = authors.find(reader.token, site_id=comment.site_id)
    if author is not None and comment.author_id == author.id:
        return
    accounts = (reader.account_id, author.account_id if author else None)
    if not any(account and ownership.may_change(account, comment) for account in accounts):
        raise NotYours(_("This comment is not yours.")) if comment.is_shown else gone()


def gone() -> NotFound:
    """What is said of a comment that is not there, or not for this reader."""
    return NotFound(_("There is no such comment, or it was removed."))
