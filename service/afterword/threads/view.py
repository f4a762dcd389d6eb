"""What leaves the server. ``public`` is the only place that decides it for comments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from afterword.core import clock, config
from afterword.identity import accounts
from afterword.identity.models import Account
from afterword.sites.directory import KnownSite
from afterword.sites.options import Options
from afterword.threads import pages, window
from afterword.threads.models import Comment, Mention, Page, State

Json = dict[str, Any]
Shown = Comment | Row[Any]  # a row has the columns that ``public`` reads


def public(comment: Shown) -> Json:
    """A comment as anyone may read it: no e-mail, no address, no source text, no token."""
    if comment.state is State.VISIBLE:
        return _comment(comment)
    return _tombstone(comment)


def own(comment: Comment, *, options: Options) -> Json:
    """A comment as its author may read it: also when it waits, and with its source text."""
    state = State.REMOVED if comment.state is State.REMOVED else State.PENDING
    shown = State.VISIBLE if comment.state is State.VISIBLE else state
    can_edit = window.is_open(comment, options=options)
    end = window.closes(comment, options=options) if can_edit else None
    return {
        **_comment(comment),
        "state": shown.value,
        "text": comment.text,
        "revision": comment.revision,
        "can_edit": can_edit,
        "edit_until": clock.text(end) if end else None,
    }


def picture(picture_id: str | None) -> str | None:
    """Where a picture is, from this service and from nobody else."""
    return f"{config.public_url()}/pictures/{picture_id}.webp" if picture_id else None


def account(account: Account) -> Json:
    """Whom a browser is signed in as, for the page in it."""
    shown = account.picture_id if account.shows_picture else None
    return {
        "name": account.name,
        "website": account.website,
        "avatar": picture(shown),
        "has_email": bool(accounts.emails(account) or account.email),
    }


def votes(comment: Shown) -> Json:
    """What all votes on a comment make together."""
    return {"score": comment.up - comment.down, "up": comment.up, "down": comment.down}


def mention(comment: Comment) -> Json:
    """What points to the page from elsewhere, as anyone may read it."""
    said = comment.mention in {Mention.MENTION, Mention.FEDIVERSE}
    return {
        "id": comment.id,
        "kind": comment.mention.value if comment.mention else None,
        "source": comment.source,
        "name": comment.name,
        "website": comment.website,
        "avatar": picture(comment.picture_id),
        "html": comment.html if said else "",
        "lang": comment.lang,
        "created": clock.text(comment.said or comment.created),
        "edited": clock.text(comment.edited) if comment.edited else None,
    }


def page(page: Page | None, *, key: str, url: str, options: Options) -> Json:
    """A page as anyone may read it; one that nobody commented on yet is open and empty."""
    closes = pages.closes(page, options=options) if page else None
    return {
        "key": key,
        "url": page.url if page else url,
        "title": page.shown_title if page else None,
        "is_open": pages.is_open(page, options=options) if page else True,
        # An answer may be kept for long: who shows it later can tell whether this has come.
        "closes": clock.text(closes) if closes else None,
        "count": page.count if page else 0,
        "version": page.version if page else 0,
    }


def site(site: KnownSite) -> Json:
    """The choices of a site that its widget needs. What is seldom chosen is there where it is."""
    seldom = {
        "look": site.options.look,
        "texts": site.options.sentences,
        "sign_in": _sign_in(site),
        "passages": site.options.passages,
    }
    return {
        "name": site.name,
        "policy": site.options.policy.value,
        "require_name": site.options.require_name,
        "require_email": site.options.require_email,
        "max_length": site.options.max_length,
        "votes": site.options.votes.value,
        "reactions": site.options.offered,
        "can_mail": config.current().smtp_url is not None,
        **{name: chosen for name, chosen in seldom.items() if chosen},
    }


def _sign_in(site: KnownSite) -> Json | None:
    if not site.ways and not site.requires_sign_in:
        return None
    return {
        "ways": [{"name": one.name, "label": one.label} for one in site.ways],
        "is_required": site.requires_sign_in,
    }


def _comment(comment: Shown) -> Json:
    return {
        **_place(comment),
        "author": {
            "name": comment.name,
            "website": comment.website,
            "avatar": picture(comment.picture_id),
            "is_moderator": comment.is_moderator,
            "is_verified": comment.is_verified,
        },
        "html": comment.html,
        "edited": clock.text(comment.edited) if comment.edited else None,
        "state": comment.state.value,
        **votes(comment),
        "reactions": comment.reactions,
        "is_pinned": comment.is_pinned,
        "lang": comment.lang,
        "quote": comment.quote,
        "selector": _selector(comment),
        "source": comment.source,
    }


def _selector(comment: Shown) -> Json | None:
    """Where the quoted words stand on the page, for those who look for them there."""
    if not (comment.quote_prefix or comment.quote_suffix):
        return None
    return {
        "type": "TextQuoteSelector",
        "exact": comment.quote,
        "prefix": comment.quote_prefix or "",
        "suffix": comment.quote_suffix or "",
    }


def _tombstone(comment: Shown) -> Json:
    return {
        **_place(comment),
        "author": None,
        "html": "",
        "edited": None,
        "state": State.REMOVED.value,
        "score": 0,
        "up": 0,
        "down": 0,
        "reactions": {},
        "is_pinned": False,
        "lang": None,
        "quote": None,
        "selector": None,
        "source": None,
    }


def _place(comment: Shown) -> Json:
    return {
        "id": comment.id,
        "parent": comment.parent_id,
        "depth": comment.depth,
        "created": clock.text(comment.created),
        "replies": [],
        "replies_next": None,
    }
