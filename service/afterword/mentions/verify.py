"""Look after a mention: whether the page links to ours, and what it says. It becomes a comment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import or_, select

from afterword.core import config, fetch, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl, Problem
from afterword.core.fetch import Limits, Unreachable
from afterword.identity import authors
from afterword.markup import plain
from afterword.mentions import inbox, said, targets, words
from afterword.mentions.models import Asked
from afterword.mentions.said import Said
from afterword.mentions.targets import Target
from afterword.moderation import audit
from afterword.posting import elsewhere, pictures
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.sites.options import Options
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Mention, Page, State

LIMITS: Final = Limits(seconds=10.0, most=1024 * 1024)
MOST_LOOKED_UP: Final = 1000  # links of a page to ours, each a look into the database
HEADERS: Final = {"Accept": "text/html, application/xhtml+xml, application/json;q=0.5, */*;q=0.1"}
GONE: Final = frozenset({404, 410})
EXCERPT: Final = 300  # of what only mentions us: who reads on does so there
WORDS: Final = {
    Mention.LIKE: "Likes this page.",
    Mention.REPOST: "Passed this page on.",
    Mention.BOOKMARK: "Keeps this page.",
    Mention.MENTION: "Mentions this page.",
    Mention.REPLY: "Answers this page.",
}


def look(asked_id: str) -> None:
    """Ask the page, and let what it says stand, change or go here. One that is away: later."""
    asked = db.session.get(Asked, asked_id)
    if asked is None:
        return
    source, target = asked.source, asked.target
    db.session.commit()  # no connection of ours waits with a stranger's server
    try:
        url, answer = fetch.follow(source, headers=HEADERS, limits=LIMITS)
    except Unreachable:
        inbox.again(asked)
        return
    if answer.status >= 500 or answer.status == 429:
        inbox.again(asked)
        return
    if 200 <= answer.status < 300:
        found = said.find(answer, url=url, target=target, also=_spellings(source, target))
        stands = _settle(source, target, found=found, host=urls.host_of(url))
        if stands is not None and found is not None:
            _picture(stands, found.photo)
    elif answer.status in GONE:
        _settle(source, target, found=None)
    with transaction():
        inbox.drop(asked)


def _spellings(source: str, target: str) -> Callable[[str], bool]:
    """What counts as the target too: nothing at first, as Webmention (3.2.2) wants it.

    Of a mention that is here each address of its page and of comments there. Else anybody could
    have it taken away, or made to say less, who tells of a spelling that its source does not use.
    """
    page = _page(target)
    if page is None or not _known(page.id, source):
        return lambda _: False
    site = directory.by_id(page.site_id)
    keys = targets.keys(page, site=site)
    ours = {urls.host_of(one) for one in (config.public_url(), *site.origins)}
    left = iter(range(MOST_LOOKED_UP))

    def leads(link: str) -> bool:
        try:
            if urls.host_of(link) not in ours or next(left, None) is None:
                return False
            there = targets.read(link)
        except BadUrl:
            return False
        return there.site.id == site.id and there.key in keys

    return leads


def _page(target: str) -> Page | None:
    try:
        return targets.read(target).page
    except BadUrl:
        return None


def _settle(source: str, target: str, *, found: Said | None, host: str = "") -> Comment | None:
    """Let it stand, change or go; answers the comment that it is, where there is one.

    ``host`` is where its words come from: a source may lead on to another, and to anybody's where
    it has an open redirect.
    """
    try:
        about = targets.read(target)
    except BadUrl:
        return None  # the site takes none any more
    page = about.page
    known = _known(page.id, source) if page else []
    stands = None
    if found is not None:
        draft = _draft(found, of=about, on=page, source=source, host=host)
        token = f"webmention {host} {draft.website or ''}"
        try:
            stands = _stand(draft, token=token, page=page, known=known)
        except Problem:
            # The rules of the site refuse it, or the page is closed: nobody waits for an answer.
            # And what it said before is said no more.
            stands = None
    for one in known:
        if stands is None or one.mention is not stands.mention:
            elsewhere.withdraw(one)
    return stands


def _stand(draft: Draft, *, token: str, page: Page | None, known: list[Comment]) -> Comment | None:
    """Let it say this; None where it may not. Raises Problem.

    What was a reply and is a like now is another comment: the one is in the thread, maybe with
    answers below it, the other beside it.
    """
    if any(elsewhere.is_barred(one) for one in known):
        return None
    same = next((one for one in known if one.mention is draft.mention), None)
    if same is not None:
        elsewhere.renew(same, draft)
        return same
    if page is not None and _has_said(draft, page=page, token=token):
        return None
    return submit(draft, token=token).comment


def _picture(comment: Comment, url: str) -> None:
    """Show who says it as their page does. One that is away now leaves what there is."""
    comment_id = comment.id
    db.session.commit()  # no connection of ours waits with a stranger's server
    try:
        drawn = pictures.fetched(url) if url else None
    except Unreachable:
        return
    elsewhere.picture(db.session.get_one(Comment, comment_id), drawn)


def _known(page_id: int, source: str) -> list[Comment]:
    """What it says of a page, and what else it said of it before."""
    rows = select(Comment).where(
        Comment.page_id == page_id,
        Comment.source == source,
        Comment.mention.is_not(None),
        Comment.mention != Mention.FEDIVERSE,  # of those their server tells, and nobody else
    )
    return list(db.session.scalars(rows.order_by(Comment.created)))


def _has_said(draft: Draft, *, page: Page, token: str) -> bool:
    """Whether its author says the same there by another source, such as with another query.

    Else who knows the page of one who is trusted could fill ours with it. What its author took away
    counts no more: they may have moved.
    """
    author = authors.find(token, site_id=page.site_id)
    if author is None:
        return False
    rows = select(Comment).where(
        Comment.author_id == author.id,
        Comment.page_id == page.id,
        Comment.mention == draft.mention,
        or_(Comment.text == draft.text, audit.said_before(draft.text)),
        Comment.parent_id == draft.parent,
    )
    return any(
        one.state in elsewhere.HERE or elsewhere.is_barred(one)
        for one in db.session.scalars(rows)
        if audit.authors_words(one) == draft.text
    )


def _draft(found: Said, *, of: Target, on: Page | None, source: str, host: str) -> Draft:
    return Draft(
        url=of.url,
        page=urls.own_id(on.key if on is not None else of.key),
        parent=_answered(of, on) if found.kind is Mention.REPLY else None,
        text=_text(found, options=of.site.options),
        name=words.name(found.name) or host[: plain.MAX_NAME],
        website=words.website(found.website),
        source=source,
        led_to=host if host != urls.host_of(source) else None,
        mention=found.kind,
    )


def _answered(target: Target, page: Page | None) -> str | None:
    """The comment below which a reply to it is shown; None where it can only be said of the page.

    It was accepted by then: what is answered may be gone, or stand beside the thread.
    """
    comment = target.comment
    if comment is None or page is None or comment.page_id != page.id:
        return None
    return comment.id if comment.state is State.VISIBLE and not comment.is_apart else None


def _text(found: Said, *, options: Options) -> str:
    """The words of a mention; where it has none that count, what it does."""
    said, most = found.text, options.max_length
    if found.kind is Mention.MENTION:
        said, most = " ".join(said.split()), min(EXCERPT, most)
    taken = words.text(said, most=most) if found.kind in {Mention.REPLY, Mention.MENTION} else None
    return taken or WORDS[found.kind]
