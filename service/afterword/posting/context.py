"""What the checks are told about a post, gathered in as few queries as it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from afterword.core import clock, config, i18n, urls
from afterword.core.db import db
from afterword.core.i18n import stored
from afterword.identity import authors, moderators
from afterword.identity.models import Author, Standing
from afterword.moderation import audit, bans
from afterword.moderation.models import Ban
from afterword.posting import forms
from afterword.sites.directory import KnownSite
from afterword.spam import learn, networks, sketch, traces
from afterword.spam.verdict import NOBODY, Context, Exclusion, Recent, Writer
from afterword.threads import pages
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State

# Who is held in one browser is held in all.
STRICTER = (Standing.NORMAL, Standing.TRUSTED, Standing.HELD)
ENOUGH = 20  # approved comments: the most that ``trust_after`` may ask for, so no more are counted


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends, as far as the connection says. Looked at while the post is judged, not stored."""

    address: str | None = None
    agent: str = ""
    can_solve: bool = False  # whether a challenge can be put to it
    may_mail: Callable[[], bool] = lambda: True  # counts a mail that it causes


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A post as it came: what it says, where it belongs, who sends it."""

    draft: Draft
    site: KnownSite
    page_key: str
    token: str | None
    sender: Sender
    edits: Comment | None = None  # what stands already and is to say this from now on


def gather(arrival: Arrival, html: str) -> Context:
    """All that the checks may know beside the draft."""
    draft, site, sender = arrival.draft, arrival.site, arrival.sender
    now, names = clock.now(), moderators.names()
    page = pages.find(site.id, arrival.page_key)
    writer = _writer(arrival)
    called = networks.pseudonyms(sender.address)
    edited = arrival.edits
    form = forms.read(
        draft.form, site_id=site.id, page_key=arrival.page_key, address=sender.address
    )
    form_age = edited.form_age if edited else form.age
    told = Context(
        now=now,
        options=site.options,
        html=html,
        form_age=form_age,
        form_is_elsewhere=form.is_elsewhere,
        form_digest=forms.digest(draft.form),
        page_id=page.id if page else None,
        writer=writer,
        exclusion=_exclusion(arrival, writer, called),
        hosts=frozenset(urls.host_of(origin) for origin in site.origins),
        names=(*names, site.options.name) if site.options.name else tuple(names),
        networks=called,
        sketch=sketch.sketch(sketch.plain(draft.text)),
        recent=_recent(arrival, now),
        opinion=learn.opinion(draft, site_id=site.id, form_age=form_age),
        address=sender.address,
        agent=sender.agent,
        is_edit=edited is not None,
        hook_hosts=config.current().hook_hosts,
    )
    # A check may ask another service: no connection of ours should wait with it.
    db.session.commit()
    return told


def _recent(arrival: Arrival, now: dt.datetime) -> tuple[Recent, ...]:
    if not config.current().form_checks:
        return ()
    besides = arrival.edits.id if arrival.edits else None
    return traces.recent(arrival.site.id, now=now, besides=besides)


def _exclusion(arrival: Arrival, writer: Writer, called: tuple[str, ...]) -> Exclusion | None:
    who = bans.Who(
        site_id=arrival.site.id,
        author_id=writer.id,
        email=arrival.draft.email,
        networks=called,
        address=arrival.sender.address,
    )
    ban = bans.find(who)
    if ban is None:
        return None
    return Exclusion(
        reason=_reason(ban),
        told=bans.told(ban),
    )


def _writer(arrival: Arrival) -> Writer:
    edited = arrival.edits
    author = (
        authors.find(arrival.token, site_id=arrival.site.id)
        if edited is None
        else db.session.get(Author, edited.author_id)
    )
    if author is None:
        return NOBODY
    person = authors.one_person(author)
    approved = select(Comment.id).where(
        Comment.author_id.in_([one.id for one in person]),
        Comment.state == State.VISIBLE,
        # What appeared unseen is no free pass for what comes next, though nobody minded it.
        audit.was_approved(),
    )
    count = select(func.count()).select_from(approved.limit(ENOUGH).subquery())
    return Writer(
        id=author.id,
        standing=max((one.standing for one in person), key=STRICTER.index),
        approved=db.session.scalar(count) or 0,
    )


def _reason(ban: Ban) -> str:
    """For the owner, so not in the language of who is banned."""
    with i18n.speaking(i18n.ENGLISH.code):
        return stored("reason", "Its author is banned: %(ban)s.", ban=bans.describe(ban))
