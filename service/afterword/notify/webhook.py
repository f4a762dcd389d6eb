"""Calls to an address of the owner's own, signed as https://www.standardwebhooks.com wants it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from afterword.core import clock, config
from afterword.core.db import db
from afterword.jobs.kinds import Failed, Hopeless
from afterword.notify import deliveries
from afterword.notify.channels import webhook
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.events import Event, is_over
from afterword.threads.models import Comment


def send(event: str, comment_id: str, call: str, *, is_asked: bool = False) -> None:
    """Tell of an event that is not over, with the comment as it stands now.

    Of one that is over only where somebody asks for the call again. Raises Failed, Hopeless.
    """
    comment = db.session.get(Comment, comment_id)
    if comment is not None and (is_asked or not is_over(Event(event), comment)):
        site = directory.by_id(comment.site_id)
        deliver(told(Event(event), comment), site=site, call=call, comment_id=comment.id)


def deliver(
    said: dict[str, Any], *, site: KnownSite, call: str, comment_id: str | None = None
) -> None:
    """Call a site's webhook, if it still has one, and note what came of it.

    Raises Failed, Hopeless.
    """
    options = site.options
    if not options.webhook_url or not options.webhook_secret:
        return
    body = json.dumps(said, ensure_ascii=False).encode()
    note = partial(
        deliveries.note, call, event=said["type"], site_id=site.id, comment_id=comment_id
    )
    db.session.commit()  # no connection of ours waits with theirs
    try:
        status = webhook.deliver(
            body, url=options.webhook_url, secret=options.webhook_secret, call=call
        )
    except (Failed, Hopeless) as fault:
        note(came=str(fault))
        raise
    note(came=status)


def told(event: Event, comment: Comment) -> dict[str, Any]:
    """All that leaves the house; docs/mail.md lists it."""
    return {
        "type": event.value,
        "timestamp": clock.text(clock.now()),
        "data": {
            "site": directory.by_id(comment.site_id).key,
            "id": comment.id,
            "parent": comment.parent_id,
            "state": comment.state.value,
            "reasons": comment.reasons,
            "name": comment.name,
            "email": comment.email,
            "website": comment.website,
            "text": comment.text,
            "source": comment.source,
            "mention": comment.mention.value if comment.mention else None,
            "created": clock.text(comment.created),
            "edited": clock.text(comment.edited) if comment.edited else None,
            "link": f"{config.public_url()}/c/{comment.id}",
            "page": {"url": comment.page.url, "title": comment.title_of_page},
        },
    }
