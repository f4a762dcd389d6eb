"""The comment that somebody acts on."""

from __future__ import annotations

from sqlalchemy import select

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import NotFound, NotYours
from afterword.core.i18n import _
from afterword.identity import authors
from afterword.posting.reader import Reader
from afterword.sites.models import Site
from afterword.threads import ownership
from afterword.threads.models import Comment


def find(comment_id: str) -> Comment:
    """A comment, however it stands. Raises NotFound."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None:
        raise gone()
    return comment


def lock(comment: Comment) -> Comment:
    """The same as it stands now, for a write: nobody else changes it before the transaction ends.

    Nor does a moderator decide on this site meanwhile, who may be about to decide over it among
    others (``spam.learn.take_turn``): each would hold what the other waits for.
    """
    turn = select(Site.id).where(Site.id == comment.site_id).with_for_update(read=True)
    db.session.execute(turn)
    # Not the key: those who answer this comment meanwhile refer to it, and need not wait.
    found = db.session.get(
        Comment, comment.id, populate_existing=True, with_for_update={"key_share": True}
    )
    if found is None:
        raise gone()
    return found


def check_own(comment: Comment, reader: Reader) -> None:
    """Raises NotYours for somebody else's comment, NotFound when they should not know of it."""
    author = authors.find(reader.token, site_id=comment.site_id)
    if author is not None and comment.author_id == author.id:
        return
    accounts = (reader.account_id, author.account_id if author else None)
    if not any(account and ownership.owns(account, comment) for account in accounts):
        raise NotYours(_("This comment is not yours.")) if comment.is_shown else gone()


def gone() -> NotFound:
    """What is said of a comment that is not there, or not for this reader."""
    return NotFound(_("There is no such comment, or it was removed."))
