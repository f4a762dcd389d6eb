"""Receipts: a post sent again, because its answer was lost, is answered and not stored twice.

After the IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import db
from afterword.core.errors import BadRequest, IdempotencyMismatch
from afterword.core.i18n import _
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Receipt

KEPT = dt.timedelta(hours=24)
SHORTEST, LONGEST = 16, 200


def check_key(key: str | None) -> str | None:
    """The key as sent. Raises BadRequest for one that is too short to be anyone's own."""
    if key is None:
        return None
    if not SHORTEST <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise BadRequest(f"An Idempotency-Key has {SHORTEST} to {LONGEST} printable characters.")
    return key


def find(site_id: int, key: str | None, draft: Draft) -> Comment | None:
    """The comment that this very post became. Raises IdempotencyMismatch for another post."""
    if key is None:
        return None
    receipt = db.session.get(Receipt, (site_id, signing.digest(key)))
    if receipt is None or receipt.created < clock.now() - KEPT:
        return None
    if receipt.fingerprint != draft.fingerprint():
        raise IdempotencyMismatch(
            _("An earlier version of this comment has arrived."), comment_id=receipt.comment_id
        )
    return db.session.get(Comment, receipt.comment_id)


def keep(key: str | None, draft: Draft, comment: Comment) -> None:
    """Note what a post became, and drop what is older than a day. Inside its transaction."""
    db.session.execute(
        delete(Receipt)
        .where(Receipt.created < clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )
    if key is not None:
        db.session.add(
            Receipt(
                site_id=comment.site_id,
                key=signing.digest(key),
                fingerprint=draft.fingerprint(),
                comment_id=comment.id,
            )
        )
