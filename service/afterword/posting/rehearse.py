"""What other choices would have done with the newest comments: read only, and nobody is asked.

The same checks and the same rules as for a post decide, on what is still known of each comment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from afterword.core import config, urls
from afterword.core.db import db
from afterword.core.errors import Problem
from afterword.identity import moderators
from afterword.identity.models import Author, Standing
from afterword.markup.render import accepted
from afterword.moderation import listing, rules
from afterword.posting import draft as drafts
from afterword.posting.context import ENOUGH
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.options import Options
from afterword.spam import learn
from afterword.spam.assess import assess
from afterword.spam.verdict import NOBODY, Context, Level, Writer
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Format, State

LAST = 500
# What is said with every rehearsal, so that nobody takes it for more than it is.
NOT_REPLAYED = (
    "Bans, hidden fields, bursts, repeated texts and where a form was opened are left out: what "
    "they go by is not kept.",
    "A comment counts as it reads now, and a challenge as solved. That one came without a form, or "
    "by an import, is not held against it; the pace of the others is as it was kept.",
    "An author's earlier comments count as approved when they are visible today, and authors are "
    "trusted, or held, as they are today. Closed pages count as open.",
    "The learning filter knows what it has learned since, only not what the comment itself taught.",
    "Akismet and your own checker are not asked.",
)


class Outcome(StrEnum):
    """What becomes of a comment when it comes."""

    APPEAR = "appear"
    WAIT = "wait"
    REFUSED = "refused"


@dataclass(frozen=True)
class Decision:
    """What choices make of a comment, and why. ``is_challenged``: after a second of work."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    is_challenged: bool = False


@dataclass(frozen=True)
class Rehearsed:
    """A comment with what the choices as they are, and those that are tried, make of it."""

    comment: Comment
    present: Decision
    tried: Decision

    @property
    def is_different(self) -> bool:
        """Whether it would be treated in another way."""
        return self.present.outcome is not self.tried.outcome


@dataclass(frozen=True)
class Rehearsal:
    """All of them, newest first."""

    comments: Sequence[Rehearsed]

    @property
    def different(self) -> list[Rehearsed]:
        """Those that would be treated in another way than by the choices as they are."""
        return [one for one in self.comments if one.is_different]

    @property
    def challenged(self) -> int:
        """How many would have appeared after a second of work."""
        return sum(one.tried.is_challenged for one in self.comments)

    @property
    def counts(self) -> dict[Outcome, dict[State, int]]:
        """How many would appear, wait, be refused, by what they are now."""
        found = Counter((one.tried.outcome, one.comment.state) for one in self.comments)
        return {outcome: {state: found[outcome, state] for state in State} for outcome in Outcome}


def rehearse(
    written: Mapping[str, str], *, site_id: int | None = None, last: int = LAST
) -> Rehearsal:
    """What these changes of options would have done with the last comments, of one site or all.

    Raises WrongOption.
    """
    sites = {site.id: site for site in directory.every()}
    tried = {key: options.tried(site.options, written) for key, site in sites.items()}
    comments = listing.newest(site_id=site_id, state=None, limit=last)
    return Rehearsal(
        [
            Rehearsed(
                comment,
                _decide(comment, context, context.options),
                _decide(comment, context, tried[comment.site_id]),
            )
            for comment, context in zip(comments, _contexts(comments, sites), strict=True)
        ]
    )


def _decide(comment: Comment, context: Context, chosen: Options) -> Decision:
    draft, context = drafts.of(comment), replace(context, options=chosen)
    refusal = _refusal(comment, draft, chosen)
    if refusal is not None:
        return Decision(Outcome.REFUSED, (refusal,))
    # Where no form is known there is nothing to say about it: as of an edit.
    no_form = context.form_age is None
    found = assess(draft, context, with_form=config.current().form_checks, is_edit=no_form)
    if found.level is Level.REJECT:
        return Decision(Outcome.REFUSED, found.reasons)
    is_challenged = (
        found.level is Level.CHALLENGE and context.writer.standing is not Standing.TRUSTED
    )
    if is_challenged:
        found = replace(found, level=Level.PASS if chosen.challenge else Level.HOLD)
    state, reasons = rules.decide(found, context=context, draft=draft)
    if state is State.PENDING:
        return Decision(Outcome.WAIT, tuple(reasons))
    return Decision(Outcome.APPEAR, found.reasons if is_challenged else (), is_challenged)


def _refusal(comment: Comment, draft: Draft, chosen: Options) -> str | None:
    """Why it would not have come as far as the checks."""
    if draft.is_moderator:
        return None
    try:
        drafts.complete(draft, options=chosen)
        if comment.format is Format.MARKDOWN:
            accepted(draft.text, limit=chosen.max_length)
    except Problem as refusal:
        return refusal.detail
    return None


def _contexts(comments: Sequence[Comment], sites: Mapping[int, KnownSite]) -> list[Context]:
    """What was known of each when it came, as far as it still is."""
    lessons = learn.lessons([comment.id for comment in comments])
    names, writers = tuple(moderators.names()), _Writers(comments)
    found = []
    for comment in comments:
        site = sites[comment.site_id]
        opinion = learn.opinion(
            drafts.of(comment),
            site_id=site.id,
            form_age=comment.form_age,
            besides=lessons.get(comment.id),
        )
        found.append(
            Context(
                now=comment.created,
                options=site.options,
                html=comment.html,
                form_age=comment.form_age,
                page_id=comment.page_id,
                writer=writers.of(comment),
                hosts=frozenset(urls.host_of(origin) for origin in site.origins),
                names=(*names, site.options.name) if site.options.name else names,
                opinion=opinion,
            )
        )
    return found


class _Writers:
    """Who wrote, and how much of it was visible before: what is, would have been approved too."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        ids = sorted({comment.author_id for comment in comments if comment.author_id})
        rows = select(Author.id, Author.standing).where(Author.id.in_(ids))
        self._standings: dict[str, Standing] = dict(db.session.execute(rows).all())
        self._visible: dict[str, list[datetime]] = {}
        order = func.row_number().over(
            partition_by=Comment.author_id, order_by=(Comment.created, Comment.id)
        )
        visible = (
            select(Comment.author_id, Comment.created, order.label("place"))
            .where(Comment.author_id.in_(ids), Comment.state == State.VISIBLE)
            .subquery()
        )
        # No more count than ``trust_after`` may ask for, and those are an author's first.
        first = select(visible.c.author_id, visible.c.created).where(visible.c.place <= ENOUGH)
        for author_id, created in db.session.execute(first.order_by(visible.c.created)):
            self._visible.setdefault(author_id, []).append(created)

    def of(self, comment: Comment) -> Writer:
        """The author as of the moment before this comment."""
        author_id = comment.author_id
        if author_id is None:
            return NOBODY
        return Writer(
            id=author_id,
            standing=self._standings.get(author_id, Standing.NORMAL),
            approved=bisect_left(self._visible.get(author_id, []), comment.created),
        )
