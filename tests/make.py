"""Rows for tests that do not care how they came to be. Inside an application context."""

from __future__ import annotations

import datetime as dt
from typing import Any

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.sites.directory import KnownSite
from afterword.threads import counts, score
from afterword.threads.models import Comment, Page, State

START = dt.datetime(2026, 1, 1, tzinfo=clock.UTC)


def page(site: KnownSite, url: str = "https://blog.example/first-post", **changed: Any) -> Page:
    """A page with no comment yet."""
    with transaction():
        made = Page(site_id=site.id, key=site.page_key(url), url=url, title="First post", **changed)
        db.session.add(made)
    return made


def comment(
    of: Page, parent: Comment | None = None, *, minute: float = 0, **changed: Any
) -> Comment:
    """One comment, ``minute`` minutes into 2026."""
    with transaction():
        made = _comment(of, parent, minute, changed)
        db.session.add(made)
        counts.settle(made)
    return made


def comments(of: Page, many: int, *, roots: int | None = None) -> list[Comment]:
    """Many visible comments, a minute apart, quickly; those beyond ``roots`` are replies."""
    made: list[Comment] = []
    with transaction():
        for number in range(many):
            is_reply = roots is not None and number >= roots
            parent = made[number % (roots or 1)] if is_reply else None
            made.append(_comment(of, parent, number, {}))
            db.session.add(made[-1])
            if number % 500 == 0 or not is_reply:
                db.session.flush()
        counts.recount(of.id)
    return made


def _comment(of: Page, parent: Comment | None, minute: float, changed: dict[str, Any]) -> Comment:
    said = {"text": "Hello.", "html": "<p>Hello.</p>\n", "state": State.VISIBLE, "name": "Ada"}
    values = {"created": START + dt.timedelta(minutes=minute), **said, **changed}
    return Comment(
        site_id=of.site_id,
        page_id=of.id,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        depth=parent.depth + 1 if parent else 0,
        best=score.best(values.get("up", 0), values.get("down", 0)),
        **values,
    )
