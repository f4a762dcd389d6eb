"""What moderators write down about an author, for one another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, NotFound
from afterword.core.i18n import _
from afterword.moderation import audit
from afterword.moderation.models import Remark
from afterword.threads.models import Comment

LONGEST = 1000  # characters
SHOWN = 100


def of(author_id: str | None) -> Sequence[Remark]:
    """The remarks about an author, the newest first."""
    rows = select(Remark).where(Remark.author_id == author_id)
    return db.session.scalars(rows.order_by(Remark.id.desc()).limit(SHOWN)).all()


def add(comment: Comment, text: str, *, by: str) -> Remark:
    """Write something down about a comment's author. Raises BadRequest, NotFound."""
    if comment.author_id is None:
        raise NotFound(_("This comment came from no browser that is known again."))
    text = text.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise BadRequest(
            _("Write something, in at most %(most)s characters.", most=LONGEST), field="remark"
        )
    with transaction() as session:
        remark = Remark(author_id=comment.author_id, text=text, by=by)
        session.add(remark)
        audit.note("remark", by=by, note=comment.name, comment=comment)
    return remark


def drop(comment: Comment, number: int, *, by: str) -> None:
    """Take a remark about a comment's author away. Raises NotFound."""
    with transaction() as session:
        remark = session.get(Remark, number)
        if remark is None or remark.author_id != comment.author_id:
            raise NotFound(_("There is no such remark."))
        session.delete(remark)
        audit.note("drop remark", by=by, note=comment.name, comment=comment)
