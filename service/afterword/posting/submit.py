"""Take a visitor's draft to a stored comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import IntegrityError

from afterword.core import config, signing, urls
from afterword.core.db import db, transaction
from afterword.core.errors import Banned, Problem, Rejected
from afterword.identity import authors
from afterword.identity.models import Standing
from afterword.markup.render import render
from afterword.moderation import permissions, rules
from afterword.posting import challenges, receipts
from afterword.posting import draft as drafts
from afterword.posting.context import Arrival, Sender, gather
from afterword.sites import directory
from afterword.spam import traces
from afterword.spam.assess import Assessment, assess
from afterword.spam.verdict import Context, Level
from afterword.threads import counts, pages
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Page

UNKNOWN = Sender()


class Admit(Protocol):
    """Whether one more comment is taken from this author, on this page of this site."""

    def __call__(self, *, author: str | None, page: str, site: int) -> None:
        """Raises RateLimited."""


@dataclass(frozen=True)
class Posted:
    """What became of a draft. ``token`` is the author's, None for one who only repeats a post."""

    comment: Comment
    token: str | None


@dataclass(frozen=True)
class _Judged:
    """A post with all that was worked out before the write begins."""

    arrival: Arrival
    html: str
    context: Context
    assessment: Assessment
    solved: str | None = None  # the challenge that it solves


def submit(
    draft: Draft,
    *,
    key: str | None = None,
    token: str | None = None,
    sender: Sender = UNKNOWN,
    admit: Admit = lambda **_: None,
) -> Posted:
    """Take a visitor's draft to a stored comment. Raises Problem; sends nothing itself.

    ``key`` is the client's Idempotency-Key, ``token`` the author's secret when it holds one.
    ``admit`` is asked (and may refuse) once the post is known not to be a repeat.
    """
    arrival = _arrival(draft, token, sender)
    key = receipts.check_key(key)
    earlier = receipts.find(arrival.site.id, key, draft)
    if earlier is not None:
        return _repeat(earlier, token)
    admit(author=token, page=arrival.page_key, site=arrival.site.id)
    judged = _judge(arrival)
    if judged.assessment.level is Level.REJECT:
        raise refusal(judged.context)
    try:
        return _store(judged, key=key)
    except IntegrityError:
        # Another process made this page, or took this very post, between our look and our write.
        return _store(judged, key=key)


def _judge(arrival: Arrival) -> _Judged:
    """What the checks say of a post that may be said here. Raises Problem for one that may not."""
    draft, options = arrival.draft, arrival.site.options
    drafts.complete(draft, options=options)
    permissions.may_post(draft, *_place(arrival), options=options)
    html = render(draft.text, limit=options.max_length)
    context = gather(arrival, html)
    assessment = assess(draft, context, with_form=config.current().form_checks)
    is_trusted = context.writer.standing is Standing.TRUSTED
    if assessment.level is not Level.CHALLENGE or is_trusted:
        return _Judged(arrival, html, context, assessment)
    may_ask = arrival.sender.can_solve and options.challenge
    settled, solved = challenges.settle(draft, assessment, may_ask=may_ask)
    return _Judged(arrival, html, context, settled, solved)


def _store(judged: _Judged, *, key: str | None) -> Posted:
    arrival = judged.arrival
    draft, site, token = arrival.draft, arrival.site, arrival.token
    with transaction():
        earlier = receipts.find(site.id, key, draft)
        if earlier is not None:
            return _repeat(earlier, token)
        if judged.solved is not None:
            challenges.spend(judged.solved, draft, judged.assessment)
        page, parent = _place(arrival)
        permissions.may_post(draft, page, parent, options=site.options)
        page = page or pages.add(
            site.id, arrival.page_key, url=urls.clean_url(draft.url), title=draft.title
        )
        secret = token or signing.new_secret()
        author = authors.find_or_add(secret, site_id=site.id)
        comment = _comment(judged, page, parent)
        comment.author_id = author.id
        comment.state, comment.reasons = rules.decide(
            judged.assessment, context=judged.context, draft=draft
        )
        db.session.add(comment)
        counts.settle(comment)
        traces.leave(comment, judged.context)
        receipts.keep(key, draft, comment)
    return Posted(comment, secret)


def refusal(context: Context) -> Problem:
    """What the author of a text is told that the checks refuse."""
    if context.exclusion:
        return Banned(context.exclusion.told)
    # Which rule is for the owner to know: told here, it would teach how to get around it.
    return Rejected("The rules of this site refuse this comment.")


def _repeat(earlier: Comment, token: str | None) -> Posted:
    """The same answer again; its author's token only to the one who holds it already."""
    author = authors.find(token, site_id=earlier.site_id)
    return Posted(earlier, token if author and author.id == earlier.author_id else None)


def _arrival(draft: Draft, token: str | None, sender: Sender) -> Arrival:
    site = directory.of_url(draft.url)
    page_key = site.page_key(draft.url, draft.page)
    return Arrival(draft=draft, site=site, page_key=page_key, token=token, sender=sender)


def _place(arrival: Arrival) -> tuple[Page | None, Comment | None]:
    parent = arrival.draft.parent
    comment = db.session.get(Comment, parent) if parent else None
    return pages.find(arrival.site.id, arrival.page_key), comment


def _comment(judged: _Judged, page: Page, parent: Comment | None) -> Comment:
    draft = judged.arrival.draft
    return Comment(
        site_id=judged.arrival.site.id,
        page_id=page.id,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        depth=parent.depth + 1 if parent else 0,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        is_moderator=draft.is_moderator,
        text=draft.text,
        html=judged.html,
        quote=draft.quote,
        form_age=judged.context.form_age,
        lang=draft.lang,
    )
