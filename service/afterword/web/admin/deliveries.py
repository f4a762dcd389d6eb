"""The calls of a site's webhook: what was sent, what came of it, and once more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from afterword.core.db import db
from afterword.moderation import audit
from afterword.notify import deliveries, died, webhook
from afterword.notify.models import Delivery
from afterword.sites.directory import KnownSite
from afterword.threads.events import Event
from afterword.threads.models import Comment
from afterword.web.admin import access, admin
from afterword.web.admin.sites import find_site


@dataclass(frozen=True)
class Shown:
    """A call, and what it says: made anew from the comment, of which nothing is kept beside it."""

    made: Delivery
    body: str


@admin.get("/sites/<int:site_id>/deliveries")
def show_deliveries(site_id: int) -> str:
    site = find_site(site_id)
    return render_template(
        "admin/deliveries.html",
        site=site,
        calls=_shown(site),
        is_set_up=bool(site.options.webhook_url and site.options.webhook_secret),
        is_replayed="again" in request.args,
        days=deliveries.KEPT.days,
    )


@admin.post("/sites/<int:site_id>/deliveries")
def replay_delivery(site_id: int) -> AnyResponse:
    site = find_site(site_id)
    call = request.form.get("call", "")
    deliveries.replay(call, site_id=site.id)
    audit.record("replay", by=access.moderator().email, about=call, site_id=site.id)
    return redirect(url_for("admin.show_deliveries", site_id=site.id, again=1), 303)


def _shown(site: KnownSite) -> list[Shown]:
    calls = deliveries.of_site(site.id)
    about = [made.comment_id for made in calls if made.comment_id is not None]
    rows = select(Comment).options(joinedload(Comment.page)).where(Comment.id.in_(about))
    comments = {comment.id: comment for comment in db.session.scalars(rows)}
    # A body that is about jobs says those that are given up now, whichever call it was of.
    jobs = _body(died.told(site)) if len(about) < len(calls) else ""
    return [
        Shown(made, _body(webhook.told(Event(made.event), comments[made.comment_id])))
        if made.comment_id is not None
        else Shown(made, jobs)
        for made in calls
    ]


def _body(told: dict[str, Any]) -> str:
    del told["timestamp"]  # of the moment at which it is sent
    return json.dumps(told, ensure_ascii=False, indent=2)
