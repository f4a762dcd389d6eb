"""Who is signed in writes under the name of their account, whatever is typed besides."""

from __future__ import annotations

from dataclasses import replace

from afterword.identity import accounts, authors
from afterword.identity.models import Author
from afterword.threads.draft import Draft
from afterword.threads.models import Comment


def as_account(draft: Draft, *, token: str | None, site_id: int) -> Draft:
    """A draft as its author's account says who they are; a guest's as it is."""
    author = authors.signed_in(token, site_id=site_id)
    if author is None or author.account is None:
        return draft
    account = author.account
    known = accounts.emails(account)
    return replace(
        draft,
        # An account without a name takes the first that is typed.
        name=account.name or draft.name,
        email=known[0] if known else account.email,
        website=account.website,
        is_signed_in=True,
        is_staff=author.is_staff,
    )


def sign(comment: Comment, author: Author) -> None:
    """Let a comment carry what its author's account shows. Inside its transaction."""
    account = author.account
    if account is None:
        return
    account.name = account.name or comment.name
    comment.is_verified = True
    comment.picture_id = account.picture_id if account.shows_picture else None
