"""Owners are told of jobs that were given up: soon of the first, then once an hour of more.

Whatever tells them says what is dead by the time it is sent. When it dies itself, nobody is told of
that: it stands on the desk like any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select

from afterword.core import clock, config, i18n, ids
from afterword.core.batches import batched
from afterword.core.db import db, transaction
from afterword.core.i18n import _, ngettext
from afterword.identity import moderators
from afterword.identity.models import Moderator, Notices
from afterword.jobs import queue
from afterword.jobs.kinds import NAMES, OF_THE_DEAD
from afterword.jobs.models import Job
from afterword.notify import digest, language, letter, webhook
from afterword.notify.channels import apprise
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page

EVENT: Final = "jobs.dead"  # in webhooks
SHOWN: Final = 10
MOST: Final = 100  # that one is told of at once
AT_ONCE: Final = 500


def tell() -> None:
    """Let owners, and the chats and webhooks of the sites that it is about, be told of new ones."""
    new = queue.untold()
    if not new:
        return
    by_site = _by_site(new)  # read before: thousands may be dead, and writers wait
    with transaction():
        if not queue.note_told(new):
            return
        if config.current().smtp_url:
            now = clock.now()
            for moderator in moderators.every():
                _mail_later(moderator, now)
        for site in directory.every():
            _call_later(site, {job.kind for job in by_site.get(site.id, ())})


def mail(moderator_id: int, named: str) -> None:
    """Mail an owner what is dead. Raises Failed, Hopeless."""
    moderator, dead = moderators.by_id(moderator_id), _dead()
    if moderator is None or not _is_told(moderator) or not dead:
        return
    with i18n.speaking(language.of(moderator)):
        letter.send(
            Letter(
                to=moderator.email,
                subject=_subject(dead),
                name="died",
                about=f"died.{moderator.id}.{named}",
                values={
                    "jobs": _lines(dead),
                    "desk": _desk(),
                    "is_more": len(dead) > SHOWN,
                },
            )
        )


def call(site_id: int, call: str) -> None:
    """Call a site's webhook. Raises Failed, Hopeless."""
    site = _site(site_id)
    if site is not None and _dead(site):
        webhook.deliver(told(site), site=site, call=call)


def chat(site_id: int) -> None:
    """Tell a site's chats. Raises Failed, Hopeless."""
    site = _site(site_id)
    dead = _dead(site) if site is not None else []
    if site is None or not dead:
        return
    with i18n.speaking(site.options.language):
        title, lines = _subject(dead), [f"{name}: {fault}" for name, fault in _lines(dead)]
    db.session.commit()  # no connection of ours waits with the chat
    body = "\n\n".join(("\n".join(lines), _desk()))
    apprise.deliver(site.options.chat_urls.split(), title=title, body=body)


def told(site: KnownSite) -> dict[str, Any]:
    """All that a webhook is told; docs/mail.md lists it."""
    return {
        "type": EVENT,
        "timestamp": clock.text(clock.now()),
        "data": {"site": site.key, "jobs": [_said(job) for job in _dead(site)]},
    }


def _said(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "comment": job.payload.get("comment_id"),
        "fault": job.fault,
        "tries": job.tries,
        "created": clock.text(job.created),
        "died": clock.text(job.died) if job.died else None,
    }


def _mail_later(moderator: Moderator, now: dt.datetime) -> None:
    if not _is_told(moderator):
        return
    due = digest.next_morning(now) if moderator.is_daily else now
    said = {"moderator_id": moderator.id, "named": f"{due:%Y%m%d%H%M%S}"}
    queue.add("died-mail", said, due=due, once=f"died-mail.{moderator.id}")


def _is_told(moderator: Moderator) -> bool:
    is_there = moderator.is_owner and not moderator.is_invited
    return is_there and moderator.notices is not Notices.OFF


def _call_later(site: KnownSite, died: set[str]) -> None:
    """Call whatever the site has, but for what is down itself: that would be one more that dies."""
    options = site.options
    if options.webhook_url and options.webhook_secret and died - {"webhook"}:
        queue.add("died-call", {"site_id": site.id, "call": f"msg_{ids.new()}"})
    if options.chat_urls and died - {"chat"}:
        queue.add("died-chat", {"site_id": site.id})


def _site(site_id: int) -> KnownSite | None:
    """The site of this number, while there is one."""
    return next((site for site in directory.every() if site.id == site_id), None)


def _dead(site: KnownSite | None = None) -> list[Job]:
    """What is dead, the last one first; of a site, what it may be told of, however much else is."""
    every = queue.dead(limit=queue.MOST_TOLD)
    found = [job for job in every if job.kind not in OF_THE_DEAD]
    return (found if site is None else _by_site(found).get(site.id, []))[:MOST]


def _by_site(jobs: Sequence[Job]) -> dict[int, list[Job]]:
    """What each site may be told of, by its number: what is about it, or about nothing at all.

    A job that names what is gone, or something of which is not known here whose it is (a mention,
    a moderator), may be about any site: its fault is for owners alone.
    """
    comments = _sites_of(Comment.id, Comment.site_id, jobs=jobs, name="comment_id")
    pages = _sites_of(Page.id, Page.site_id, jobs=jobs, name="page_id")
    found: dict[int, list[Job]] = {site.id: [] for site in directory.every()}
    for job in jobs:
        said = job.payload
        if not any(name.endswith("_id") for name in said):
            for told_site in found.values():
                told_site.append(job)
            continue
        of_page = pages.get(said.get("page_id"), said.get("site_id"))
        site_id = comments.get(said.get("comment_id"), of_page)
        if site_id in found:
            found[site_id].append(job)
    return found


def _sites_of(number: Any, site_id: Any, *, jobs: Sequence[Job], name: str) -> dict[Any, Any]:
    """The site of each row that any of these jobs names by this name, as long as it is there."""
    named = sorted({job.payload[name] for job in jobs if name in job.payload})
    found: dict[Any, Any] = {}
    for some in batched(named, AT_ONCE):
        rows = select(number, site_id).where(number.in_(some))
        found.update((row[0], row[1]) for row in db.session.execute(rows))
    return found


def _subject(dead: list[Job]) -> str:
    return ngettext("%(n)s job was given up", "%(n)s jobs were given up", len(dead))


def _lines(dead: list[Job]) -> list[tuple[str, str]]:
    """What each was, and why it was given up. No address is in either."""
    return [(_(NAMES.get(job.kind, job.kind)), job.fault or "") for job in dead[:SHOWN]]


def _desk() -> str:
    return f"{config.public_url()}/admin/overview#jobs"
