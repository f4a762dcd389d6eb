"""Mentions as they come: only their addresses are looked at, the page itself is by a job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import delete

from afterword.core import clock, config, signing, urls
from afterword.core.db import db, insist, transaction
from afterword.core.errors import BadUrl
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.mentions import page, targets
from afterword.mentions.models import Asked
from afterword.threads.models import Comment


def receive(source: str, target: str) -> None:
    """Note that a page elsewhere is said to mention one of ours. Raises BadUrl."""
    asked = _checked(source, target)
    insist(lambda: _note(asked))


def _checked(source: str, target: str) -> Asked:
    try:
        # A page is one source, whichever part of it is named: its words are the same.
        source = page.normal(source).partition("#")[0]
    except BadUrl as refusal:
        raise BadUrl(refusal.detail, field="source") from None
    try:
        target = page.normal(target)
        site = targets.read(target).site
    except BadUrl as refusal:
        raise BadUrl(refusal.detail, field="target") from None
    if source == target.partition("#")[0]:
        raise BadUrl(_("A page does not mention itself."), field="source")
    if urls.host_of(source) == urls.host_of(config.public_url()):
        raise BadUrl(_("What is said here is known here."), field="source")
    return Asked(
        id=signing.digest(f"{source} {target}"), site_id=site.id, source=source, target=target
    )


def _note(asked: Asked) -> None:
    """Once is enough, until it begins to be looked after."""
    with transaction():
        held = db.session.get(Asked, asked.id, populate_existing=True, with_for_update=True)
        if held is None:
            db.session.add(
                Asked(id=asked.id, site_id=asked.site_id, source=asked.source, target=asked.target)
            )
        else:
            held.at = clock.now_after(held.at)  # who looks at it right now does not let it go
        _queue(asked)


def again(asked: Asked) -> None:
    """Look after it once more later, and not for ever."""
    with transaction():
        asked.tries += 1
        if asked.tries < MOST_TRIES:
            _queue(asked, due=clock.now() + queue.wait(asked.tries + 1))
        else:
            drop(asked)


def drop(asked: Asked) -> None:
    """It was looked after; it stays where it was said again since. Inside a transaction."""
    db.session.execute(
        delete(Asked)
        .where(Asked.id == asked.id, Asked.at == asked.at)
        .execution_options(synchronize_session=False)
    )


def forget(comments: Iterable[Comment]) -> None:
    """Look no more at the pages that comments came from. Inside a transaction."""
    for comment in comments:
        if comment.source is not None:
            db.session.execute(
                delete(Asked)
                .where(Asked.site_id == comment.site_id, Asked.source == comment.source)
                .execution_options(synchronize_session=False)
            )


MOST_TRIES = 3


def _queue(asked: Asked, *, due: dt.datetime | None = None) -> None:
    queue.add("mention", {"asked_id": asked.id}, due=due, once=f"mention.{asked.id[:50]}")
