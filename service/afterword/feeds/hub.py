"""Tell a hub that feeds have something new (https://www.w3.org/TR/websub/): it tells the others.

How a hub is told, the recommendation leaves open; all that are about take ``hub.mode=publish``.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from afterword.core import config, fetch
from afterword.core.db import db
from afterword.core.fetch import Limits, Unreachable
from afterword.feeds import feed
from afterword.jobs.kinds import Failed
from afterword.sites import directory
from afterword.threads.models import Page

FORMS: Final = ("atom", "json")
HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded"}
SECONDS: Final = 10.0


def tell(page_id: int) -> None:
    """Name the feeds of a page and of its site to the site's hub, one by one. Raises Failed."""
    page = db.session.get(Page, page_id)
    if page is None:
        return
    site = directory.by_id(page.site_id)
    hub = site.options.websub_hub
    if not hub:
        return
    topics = [feed.page_address(page, form) for form in FORMS]
    topics += [feed.site_address(site, form) for form in FORMS]
    db.session.commit()  # no connection of ours waits with the hub
    for topic in topics:
        _publish(topic, hub)


def _publish(topic: str, hub: str) -> None:
    body = urlencode({"hub.mode": "publish", "hub.url": topic}).encode()
    limits = Limits(seconds=SECONDS, most=0, inside=config.current().hook_hosts)
    try:
        status = fetch.post(hub, body, headers=HEADERS, limits=limits).status
    except Unreachable as fault:
        raise Failed(f"The hub of the feeds cannot be reached: {fault}.") from None
    if not 200 <= status < 300:
        raise Failed(f"The hub of the feeds answered {status}.")
