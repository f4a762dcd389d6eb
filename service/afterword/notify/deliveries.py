"""Calls of webhooks as the desk lists them, and once more where one is asked for."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import delete, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.jobs import queue
from afterword.notify.models import Delivery

KEPT: Final = dt.timedelta(days=30)
SHOWN: Final = 100


def note(call: str, *, event: str, site_id: int, comment_id: str | None, came: int | str) -> None:
    """Note that a call was tried, and what came of it: a status, or why there is none.

    What is old goes.
    """
    with transaction():
        db.session.execute(
            delete(Delivery)
            .where(Delivery.at < clock.now() - KEPT)
            .execution_options(synchronize_session=False)
        )
        made = db.session.get(Delivery, call)
        if made is None:
            made = Delivery(call=call, site_id=site_id, comment_id=comment_id, event=event, tries=0)
            db.session.add(made)
        made.tries += 1
        made.at = clock.now()
        made.status, made.fault = (came, None) if isinstance(came, int) else (None, came[:500])


def of_site(site_id: int) -> list[Delivery]:
    """The newest calls for a site."""
    rows = select(Delivery).where(Delivery.site_id == site_id)
    return list(db.session.scalars(rows.order_by(Delivery.at.desc()).limit(SHOWN)))


def replay(call: str, *, site_id: int) -> None:
    """Make a call once more, under its name: who has taken it before can tell. Raises NotFound."""
    with transaction():
        made = db.session.get(Delivery, call)
        if made is None or made.site_id != site_id:
            raise NotFound("There is no such call.")
        if made.comment_id is None:
            queue.add("died-call", {"site_id": site_id, "call": made.call})
        else:
            said = {"event": made.event, "comment_id": made.comment_id, "call": made.call}
            queue.add("webhook", {**said, "is_asked": True})
