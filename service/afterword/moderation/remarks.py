"""What moderators write down about an author, for one another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, NotFound
from afterword.core.i18n import _
from afterword.moderation.models import Remark

LONGEST = 1000  # characters
SHOWN = 100


def of(author_id: str | None) -> Sequence[Remark]:
    """The remarks about an author, the newest first."""
    rows = select(Remark).where(Remark.author_id == author_id)
    return db.session.scalars(rows.order_by(Remark.id.desc()).limit(SHOWN)).all()


def add(author_id: str, text: str, *, by: str) -> Remark:
    """Write something down. Raises BadRequest."""
    text = text.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise BadRequest(
            _("Write something, in at most %(most)s characters.", most=LONGEST), field="remark"
        )
    with transaction() as session:
        remark = Remark(author_id=author_id, text=text, by=by)
        session.add(remark)
    return remark


def drop(author_id: str, number: int) -> None:
    """Take a remark away. Raises NotFound."""
    with transaction() as session:
        remark = session.get(Remark, number)
        if remark is None or remark.author_id != author_id:
            raise NotFound(_("There is no such remark."))
        session.delete(remark)
