"""Let somebody who has shown who they are write on a site, in one browser."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core.db import db, insist, transaction
from afterword.core.errors import NotFound, NotOffered
from afterword.core.i18n import _
from afterword.identity import accounts, authors, confirmations, handovers, sso
from afterword.identity.accounts import Shown
from afterword.identity.errands import Arrived
from afterword.identity.handovers import Waiting
from afterword.identity.joining import Joining
from afterword.identity.models import Account
from afterword.posting import confirm, pictures
from afterword.sites.directory import KnownSite


@dataclass(frozen=True)
class SignedIn:
    """Who it is, and the token that their browser has from now on."""

    account: Account
    token: str


def by_code(handle: str, code: str, *, site: KnownSite, guest: str | None) -> SignedIn:
    """By the code in a mail; ``guest`` is the secret that this browser has had so far.

    What it wrote with the address is marked. Raises BadRequest, BadCode, NotOffered.
    """
    check_offered(site, "email")
    account = confirm.confirm_code(handle, code)
    with transaction():
        known = authors.find(guest, site_id=site.id)
        for email in accounts.emails(account):
            confirm.mark(email, author_id=known.id if known else None)
        return SignedIn(account, accounts.give_token(account, site_id=site.id))


def by_hand_over(code: str, verifier: str, *, site: KnownSite, origin: str) -> SignedIn:
    """By what a pop-up handed to a page of this origin. Raises BadRequest, BadCode."""
    with transaction():
        account = handovers.take(code, verifier, site_id=site.id, origin=origin)
        if account is not None:
            return SignedIn(account, accounts.give_token(account, site_id=site.id))
    raise handovers.refused()


@dataclass(frozen=True)
class Done:
    """Who has signed in in a window of ours; the code for the page that waits, if one does."""

    account: Account
    origin: str | None = None
    code: str | None = None


def arrive(arrived: Arrived) -> Done:
    """Let somebody in who has come back from a provider."""
    return insist(lambda: _arrive(arrived))  # again when another tab made their profile


def _arrive(arrived: Arrived) -> Done:
    with transaction():
        account = accounts.let_in(arrived.shown)
        pictures.want(account)
        return hand_over(account, arrived.waiting)


def join(joining: Joining) -> Done:
    """Let a profile be come to by one more way, once who has shown it has said yes.

    Raises Conflict, NotFound.
    """
    with transaction():
        return Done(_join(joining.account_id, joining.shown))


def join_by_code(account: Account, handle: str, code: str) -> None:
    """The same by one more address, whose owner has shown the code of a mail to it.

    Raises as ``confirm.confirm_code`` besides.
    """
    with transaction():
        used = confirmations.use_code(handle, code)
        if used is not None:
            _join(account.id, accounts.by_email(used.email))
    # Only now: that it was tried is to be kept.
    if used is None:
        raise confirm.wrong_code()


def _join(account_id: str, shown: Shown) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(_("This profile is gone."))
    accounts.join(account, shown)
    pictures.show(account)  # what another account wrote, which is this one now
    pictures.want(account)
    return account


def hand_over(account: Account, waiting: Waiting | None) -> Done:
    """The code for the page that waits. Inside a transaction."""
    if waiting is None:
        return Done(account)
    return Done(account, waiting.origin, handovers.give(account, waiting))


def by_blog(token: str, *, site: KnownSite) -> SignedIn:
    """By a token of the blog itself, for its site alone. Raises SignInFailed, NotOffered."""
    said = sso.read(token, site=site)
    return insist(lambda: _by_blog(said, site))


def _by_blog(said: sso.Said, site: KnownSite) -> SignedIn:
    with transaction():
        account = accounts.let_in(said.shown, site_id=site.id)
        # The blog is who knows: what it says now holds, whatever it said before.
        account.name, account.website = said.shown.name, said.shown.website
        account.email = said.email
        writes_as = accounts.author(account, site_id=site.id)
        writes_as.is_staff = said.is_staff
        pictures.want(account)
        return SignedIn(account, accounts.give_token(account, site_id=site.id))


def check_offered(site: KnownSite, way: str) -> None:
    """Raises NotOffered for a way to sign in that this site does not offer."""
    if not any(one.name == way for one in site.ways):
        raise NotOffered(_("One cannot sign in this way here."))
