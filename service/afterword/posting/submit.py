"""Take a visitor's draft to a stored comment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from afterword.core import clock, config, signing, urls
from afterword.core.db import db, transaction
from afterword.core.errors import Rejected
from afterword.identity import authors
from afterword.markup.render import render
from afterword.moderation import permissions, rules
from afterword.posting import draft as drafts
from afterword.posting import forms, receipts
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.spam.assess import Assessment, assess
from afterword.spam.verdict import Context, Level
from afterword.threads import counts, pages
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Page


@dataclass(frozen=True)
class Posted:
    """What became of a draft. ``token`` is the author's, None for one who only repeats a post."""

    comment: Comment
    token: str | None


@dataclass(frozen=True)
class _Judged:
    """A draft with all that was worked out before the write begins."""

    draft: Draft
    site: KnownSite
    page_key: str
    html: str
    assessment: Assessment


def submit(
    draft: Draft,
    *,
    key: str | None = None,
    token: str | None = None,
    admit: Callable[[], None] = lambda: None,
) -> Posted:
    """Take a visitor's draft to a stored comment. Raises Problem; sends nothing itself.

    ``key`` is the client's Idempotency-Key, ``token`` the author's secret when it holds one.
    ``admit`` is asked (and may refuse) once the post is known not to be a repeat.
    """
    site = directory.of_url(draft.url)
    page_key = site.page_key(draft.url, draft.page)
    key = receipts.check_key(key)
    earlier = receipts.find(site.id, key, draft)
    if earlier is not None:
        return _repeat(earlier, token)
    admit()
    drafts.complete(draft, options=site.options)
    permissions.may_post(draft, *_place(site, page_key, draft))
    html = render(draft.text, limit=site.options.max_length)
    assessment = _assess(draft, site, page_key, html)
    if assessment.level is Level.REJECT:
        raise Rejected("This comment was refused because it looks like spam.")
    judged = _Judged(draft, site, page_key, html, assessment)
    try:
        return _store(judged, key=key, token=token)
    except IntegrityError:
        # Another process made this page, or took this very post, between our look and our write.
        return _store(judged, key=key, token=token)


def _store(judged: _Judged, *, key: str | None, token: str | None) -> Posted:
    draft, site = judged.draft, judged.site
    with transaction():
        earlier = receipts.find(site.id, key, draft)
        if earlier is not None:
            return _repeat(earlier, token)
        page, parent = _place(site, judged.page_key, draft)
        permissions.may_post(draft, page, parent)
        page = page or pages.add(
            site.id, judged.page_key, url=urls.clean_url(draft.url), title=draft.title
        )
        secret = token or signing.new_secret()
        author = authors.find_or_add(secret, site_id=site.id)
        state, reasons = rules.decide(
            judged.assessment, options=site.options, author=author, draft=draft
        )
        comment = _comment(judged, page, parent)
        comment.author_id, comment.state, comment.reasons = author.id, state, reasons
        db.session.add(comment)
        counts.settle(comment)
        receipts.keep(key, draft, comment)
    return Posted(comment, secret)


def _repeat(earlier: Comment, token: str | None) -> Posted:
    """The same answer again; its author's token only to the one who holds it already."""
    author = authors.find(token, site_id=earlier.site_id)
    return Posted(earlier, token if author and author.id == earlier.author_id else None)


def _place(site: KnownSite, page_key: str, draft: Draft) -> tuple[Page | None, Comment | None]:
    parent = db.session.get(Comment, draft.parent) if draft.parent else None
    return pages.find(site.id, page_key), parent


def _assess(draft: Draft, site: KnownSite, page_key: str, html: str) -> Assessment:
    context = Context(
        now=clock.now(),
        options=site.options,
        html=html,
        form_age=forms.age(draft.form, site_id=site.id, page_key=page_key),
    )
    return assess(draft, context, with_form=config.current().form_checks)


def _comment(judged: _Judged, page: Page, parent: Comment | None) -> Comment:
    draft = judged.draft
    return Comment(
        site_id=judged.site.id,
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
        lang=draft.lang,
    )
