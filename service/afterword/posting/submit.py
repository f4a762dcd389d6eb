"""Take a visitor's draft to a stored comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from afterword.core import clock, config, signing
from afterword.core.db import db, insist, transaction
from afterword.identity import authors, confirmations
from afterword.identity.models import Author
from afterword.moderation import permissions, rules
from afterword.posting import account, challenges, receipts
from afterword.posting import draft as drafts
from afterword.posting.context import Arrival, Sender
from afterword.posting.judge import Judged, judge
from afterword.sites import directory
from afterword.spam import traces
from afterword.threads import counts, pages, subscriptions, turns
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Follows, Page

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
    draft = arrival.draft
    key = receipts.check_key(key)
    earlier = receipts.find(arrival.site.id, key, draft)
    if earlier is not None:
        return _repeat(earlier, token)
    admit(author=token, page=arrival.page_key, site=arrival.site.id)
    permissions.may_write(draft, site=arrival.site)
    drafts.complete(draft, options=arrival.site.options)
    permissions.may_post(draft, *_place(arrival), options=arrival.site.options)
    judged = judge(arrival, may_ask=sender.can_solve)
    may_ask = _may_ask(arrival)
    # Again when another process made this page, or took this very post, since we looked.
    return insist(lambda: _store(judged, key=key, may_ask=may_ask))


def _may_ask(arrival: Arrival) -> bool:
    """Whether the address with a draft may be asked by mail whose it is, once the comment appears.

    Outside of the transaction: it is counted, and the counters may be far away.
    """
    email = arrival.draft.email
    # Who answers from the desk is known by their log-in.
    if not email or arrival.draft.is_moderator or not config.current().smtp_url:
        return False
    author = authors.find(arrival.token, site_id=arrival.site.id)
    if author is not None and confirmations.is_proved(email, author_id=author.id):
        return False
    is_asked = confirmations.is_asked(
        email,
        author_id=author.id if author else None,
        is_wished=arrival.draft.follows is not None
        or subscriptions.is_wished(email, author_id=author.id if author else None),
    )
    return is_asked or arrival.sender.may_mail()


def _store(judged: Judged, *, key: str | None, may_ask: bool) -> Posted:
    arrival = judged.arrival
    draft, site, token = arrival.draft, arrival.site, arrival.token
    with transaction():
        earlier = receipts.find(site.id, key, draft)
        if earlier is not None:
            return _repeat(earlier, token)
        if judged.solved is not None:
            challenges.spend(judged.solved, draft, judged.assessment)
        page, parent = _place(arrival, is_locked=True)
        permissions.may_post(draft, page, parent, options=site.options)
        page = page or pages.add(site.id, arrival.page_key, url=site.page_url(draft.url))
        secret = token or signing.new_secret()
        author = authors.find_or_add(secret, site_id=site.id)
        comment = _comment(judged, page, parent)
        comment.author_id = author.id
        account.sign(comment, author)
        comment.state, comment.reasons = rules.decide(
            judged.assessment, context=judged.context, draft=draft
        )
        db.session.add(comment)
        db.session.flush()
        if comment.email:
            _know_address(comment, author, comment.email, may_ask=may_ask)
        _follow(draft, comment)
        counts.settle(comment)
        traces.leave(comment, judged.context, cluster=judged.cluster)
        receipts.keep(key, draft, comment)
    return Posted(comment, secret)


def _know_address(comment: Comment, author: Author, email: str, *, may_ask: bool) -> None:
    """Mark a comment whose author has proved to own its address; else let them be asked to."""
    is_proved = confirmations.is_proved(email, author_id=author.id)
    comment.is_verified = comment.is_verified or is_proved
    if not is_proved and may_ask:
        confirmations.prepare(email, author=author, comment_id=comment.id)


def _follow(draft: Draft, comment: Comment) -> None:
    """Note what its author wants to be mailed about: it counts once they confirm the address.

    Of one that is confirmed already, only its owner can say that more is to come there than answers
    to what is theirs; and that these are to come again after an end.
    """
    if draft.follows is None or not draft.email:
        return
    waits_for = None
    if not comment.is_verified:
        if not confirmations.is_proved(draft.email):
            waits_for = comment.author_id
        elif draft.follows is not Follows.REPLIES or subscriptions.was_ended(
            draft.email, Follows.REPLIES, site_id=comment.site_id
        ):
            return
    subscriptions.add(
        draft.email,
        draft.follows,
        site_id=comment.site_id,
        page_id=comment.page_id,
        is_daily=draft.is_daily,
        waits_for=waits_for,
    )


def _repeat(earlier: Comment, token: str | None) -> Posted:
    """The same answer again; its author's token only to the one who holds it already."""
    author = authors.find(token, site_id=earlier.site_id)
    return Posted(earlier, token if author and author.id == earlier.author_id else None)


def _arrival(draft: Draft, token: str | None, sender: Sender) -> Arrival:
    site = directory.of_url(draft.url)
    draft = account.as_account(draft, token=token, site_id=site.id)
    page_key = site.page_key(draft.url, draft.page)
    return Arrival(draft=draft, site=site, page_key=page_key, token=token, sender=sender)


def _place(arrival: Arrival, *, is_locked: bool = False) -> tuple[Page | None, Comment | None]:
    """Where a draft goes; a comment that it answers stays as it is until the transaction ends."""
    parent = arrival.draft.parent
    comment = db.session.get(Comment, parent) if parent else None
    if comment is not None and is_locked:
        comment = turns.comment(comment)
    return pages.find(arrival.site.id, arrival.page_key), comment


def _comment(judged: Judged, page: Page, parent: Comment | None) -> Comment:
    draft, site = judged.arrival.draft, judged.arrival.site
    return Comment(
        site_id=site.id,
        page_id=page.id,
        # What it says of its page counts once readers see it.
        page_title=draft.title,
        page_url=site.page_link(draft.url, draft.page),
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        depth=parent.depth + 1 if parent else 0,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        is_moderator=draft.is_moderator or draft.is_staff,
        text=draft.text,
        html=judged.html,
        # Threads are ordered by it: a clock that is set back must not put an answer first.
        created=clock.now_after(page.changed),
        quote=draft.quote,
        quote_prefix=draft.quote_prefix,
        quote_suffix=draft.quote_suffix,
        form_age=judged.context.form_age,
        lang=draft.lang,
        source=draft.source,
        mention=draft.mention,
        said=draft.said,
    )
