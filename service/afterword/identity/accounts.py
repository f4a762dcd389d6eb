"""Accounts: people who signed in, known by what others vouch for.

An account has one passport or several. Who shows one of them is let in; who shows a new one while
being let in may join it. Names and addresses that are only typed make nobody anyone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from afterword.core import clock, signing
from afterword.core.db import db
from afterword.core.errors import BadRequest, Conflict, NotFound, NotOffered
from afterword.core.i18n import _
from afterword.identity import authors
from afterword.identity.authors import SIGNED_IN_LIFE
from afterword.identity.models import (
    Account,
    AccountPasskey,
    Author,
    AuthorToken,
    Errand,
    HandOver,
    Identity,
    IdentityKind,
    Passport,
    PassportKind,
)

# How long one may go about on the page of what is one's own.
OWNER_LIFE: Final = dt.timedelta(hours=2)
MOST_PASSPORTS: Final = 20
MOST_TOKENS: Final = 50  # browsers of one account on one site: the oldest are signed out
_OWNER: Final = "owner"
_FEED: Final = "feed"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What somebody has just shown to be, and what is said of them. Texts are cleaned."""

    kind: PassportKind
    subject: str
    issuer: str = ""
    label: str
    email: str | None = None  # only where who says so is believed
    name: str = ""
    website: str | None = None
    picture_url: str | None = None


def by_email(email: str) -> Shown:
    """That somebody has read what was mailed to an address."""
    return Shown(kind=PassportKind.EMAIL, subject=email, label=email, email=email)


def let_in(shown: Shown, *, site_id: int | None = None) -> Account:
    """Whose passport this is; a new account for one that nobody has shown yet.

    ``site_id`` is of the blog that vouches, for it alone. Inside a transaction.
    """
    held = _find(shown)
    if held is None:
        account = Account(site_id=site_id, name=shown.name, website=shown.website)
        db.session.add(account)
        _add(shown, account)
    else:
        account = held.account
        _renew(held, shown)
    return account


def join(account: Account, shown: Shown) -> None:
    """Let somebody who is let in sign in by this too from now on. Inside a transaction.

    When it was another account's, both are one from now on: whoever shows both is the same person.
    Raises Conflict.
    """
    held = _find(shown)
    if held is not None:
        _renew(held, shown)
        if held.account_id != account.id:
            _merge(held.account, account)
        return
    if len(account.passports) >= MOST_PASSPORTS:
        raise Conflict(
            _(
                "You have %(most)s ways to sign in. Part from one of them first.",
                most=MOST_PASSPORTS,
            )
        )
    _add(shown, account)


def part(account: Account, passport_id: str) -> None:
    """Let a passport open an account no more. Inside a transaction.

    Raises NotFound; Conflict for the last one, without which nobody could come back.
    """
    held = next((one for one in account.passports if one.id == passport_id), None)
    if held is None:
        raise NotFound(_("This way to sign in is gone already."))
    if len(account.passports) == 1:
        raise Conflict(_("This is your only way to sign in. Add another one first."))
    account.passports.remove(held)
    db.session.flush()
    _settle(account)


def author(account: Account, *, site_id: int) -> Author:
    """As whom an account writes on a site. Inside a transaction."""
    rows = select(Author).where(Author.account_id == account.id, Author.site_id == site_id)
    found = db.session.scalar(rows.order_by(Author.created, Author.id).limit(1))
    if found is None:
        nobodys = signing.digest(signing.new_secret())
        found = Author(site_id=site_id, account_id=account.id, token_hash=nobodys)
        db.session.add(found)
        db.session.flush()
        _settle(account)
    return found


def give_token(account: Account, *, site_id: int) -> str:
    """A token by which a browser is this account's on a site. Inside a transaction.

    Raises NotOffered on another site than that of the blog that vouches.
    """
    if account.site_id not in {None, site_id}:
        raise NotOffered(_("The blog whose user you are vouches for you on its own pages alone."))
    writes_as = author(account, site_id=site_id)
    token, now = signing.new_secret(), clock.now()
    held = select(AuthorToken.token_hash).where(AuthorToken.author_id == writes_as.id)
    newest = held.order_by(AuthorToken.seen.desc()).offset(MOST_TOKENS - 1)
    beyond = list(db.session.scalars(newest))
    _delete_tokens(
        (AuthorToken.author_id == writes_as.id)
        & (or_(AuthorToken.seen < now - SIGNED_IN_LIFE, AuthorToken.token_hash.in_(beyond)))
    )
    db.session.add(
        AuthorToken(token_hash=signing.digest(token), author_id=writes_as.id, created=now, seen=now)
    )
    return token


def take_token(token: str, *, site_id: int) -> None:
    """Sign a browser out. Again, it changes nothing. Inside a transaction."""
    mine = select(Author.id).where(Author.site_id == site_id)
    _delete_tokens(
        (AuthorToken.token_hash == signing.digest(token)) & AuthorToken.author_id.in_(mine)
    )


def take_all_tokens(account: Account) -> None:
    """Sign an account out everywhere, of its own page too. Inside a transaction.

    Browsers in which its owner confirmed an address as a guest are strangers from then on.
    """
    authors.retire_guests(emails(account))
    _delete_tokens(AuthorToken.author_id.in_(_authors(account.id)))
    for on_its_way in (Errand, HandOver):
        _delete(on_its_way, on_its_way.account_id == account.id)
    account.key_resets += 1


def tokens(account: Account) -> list[tuple[int, dt.datetime]]:
    """Where an account is signed in, and when it last wrote there: site, moment."""
    rows = (
        select(Author.site_id, AuthorToken.seen)
        .join(Author, Author.id == AuthorToken.author_id)
        .where(Author.account_id == account.id, AuthorToken.seen > clock.now() - SIGNED_IN_LIFE)
    )
    return [
        (site_id, seen) for site_id, seen in db.session.execute(rows.order_by(AuthorToken.seen))
    ]


def author_ids(account_id: str) -> list[str]:
    """Of all that an account writes as."""
    return list(db.session.scalars(_authors(account_id)))


def emails(account: Account) -> tuple[str, ...]:
    """The addresses that are surely an account's own, the one that it came by first before all."""
    by_mail = [one for one in account.passports if one.kind is PassportKind.EMAIL]
    known = (one.email for one in (*by_mail, *account.passports))
    return tuple(dict.fromkeys(email for email in known if email))


def emails_of(account_id: str) -> list[str]:
    """The same by its id."""
    rows = select(Passport.email).where(
        Passport.account_id == account_id, Passport.email.is_not(None)
    )
    return [email for email in db.session.scalars(rows) if email]


def called(account_id: str) -> str:
    """What the owner of a profile knows it by."""
    account = db.session.get(Account, account_id)
    if account is None:
        return ""
    return account.name or next((one.label for one in account.passports), "")


def with_email(email: str) -> list[Account]:
    """The accounts whose own an address surely is."""
    mine = select(Passport.account_id).where(Passport.email == email)
    return list(db.session.scalars(select(Account).where(Account.id.in_(mine))))


def claimed(email: str) -> list[Account]:
    """The accounts of which a blog says that an address is theirs: only the blog knows whether."""
    return list(db.session.scalars(select(Account).where(Account.email == email)))


def language(email: str) -> str | None:
    """The language that the owner of an address chose in their profile."""
    return next((account.lang for account in with_email(email) if account.lang), None)


def key(account: Account) -> str:
    """What the page of what is one's own is reached by, for ``OWNER_LIFE`` or until they are
    signed out everywhere."""
    return str(signing.tokens(_OWNER).dumps([account.id, account.key_resets]))


def owner(key: str) -> Account:
    """Whose page it is. Raises BadRequest."""
    life = int(OWNER_LIFE.total_seconds())
    try:
        account_id, resets = signing.tokens(_OWNER).loads(key, max_age=life)
    except (BadSignature, ValueError):
        raise _over() from None
    account = db.session.get(Account, account_id)
    if account is None or account.key_resets != resets:
        raise _over()
    return account


def feed_key(account: Account) -> str:
    """What the feed of the answers to somebody is reached by: until they want another one."""
    return str(signing.tokens(_FEED).dumps([account.id, account.feed_resets]))


def of_feed(key: str) -> Account:
    """To whom such a key shows the answers. Raises BadRequest."""
    try:
        account_id, resets = signing.tokens(_FEED).loads(key)
    except (BadSignature, TypeError, ValueError):
        raise BadRequest(
            _("This address of a feed is not whole. Copy it from your page.")
        ) from None
    account = db.session.get(Account, account_id)
    if account is None or account.feed_resets != resets:
        raise BadRequest(_("This feed has another address now, or none any more."))
    return account


def reset_feed(account: Account) -> None:
    """Void the keys of its feed that are about. Inside a transaction."""
    account.feed_resets += 1


def forget(found: Iterable[Account]) -> None:
    """Take accounts away with all that belongs to them. Inside a transaction."""
    gone = [account.id for account in found]
    for kind in (Passport, AccountPasskey):
        _delete(kind, kind.account_id.in_(gone))
    _delete_tokens(AuthorToken.author_id.in_(select(Author.id).where(Author.account_id.in_(gone))))
    db.session.execute(
        update(Author)
        .where(Author.account_id.in_(gone))
        .values(account_id=None)
        .execution_options(synchronize_session=False)
    )
    _delete(Account, Account.id.in_(gone))


def _over() -> BadRequest:
    return BadRequest(_("This page was open too long. Please sign in again."))


def _find(shown: Shown) -> Passport | None:
    return db.session.scalar(
        select(Passport).where(
            Passport.kind == shown.kind,
            Passport.issuer == shown.issuer,
            Passport.subject == shown.subject,
        )
    )


def _add(shown: Shown, account: Account) -> None:
    account.passports.append(
        Passport(
            kind=shown.kind,
            issuer=shown.issuer,
            subject=shown.subject,
            label=shown.label,
            email=shown.email,
            picture_url=shown.picture_url,
        )
    )
    db.session.flush()
    _settle(account)


def _renew(held: Passport, shown: Shown) -> None:
    held.label, held.email, held.picture_url = shown.label, shown.email, shown.picture_url
    held.used = clock.now()
    db.session.flush()
    _settle(held.account)


def _merge(other: Account, into: Account) -> None:
    if other.site_id != into.site_id:
        raise Conflict(_("A blog vouches for one of the two, for itself alone: they stay apart."))
    for passport in list(other.passports):
        passport.account = into
    known_as = func.coalesce(AccountPasskey.former_handle, other.user_handle)
    moved: tuple[tuple[type[Author | AccountPasskey], dict[str, object]], ...] = (
        (Author, {}),
        (AccountPasskey, {"former_handle": known_as}),
    )
    for kind, also in moved:
        db.session.execute(
            update(kind)
            .where(kind.account_id == other.id)
            .values(account_id=into.id, **also)
            .execution_options(synchronize_session="fetch")
        )
    db.session.flush()
    db.session.refresh(other)
    db.session.delete(other)
    db.session.flush()
    db.session.refresh(into)
    _settle(into)


def _settle(account: Account) -> None:
    """Let those that an account writes as have proved what it has proved, and nothing else."""
    if account.site_id is not None:
        return  # what one blog says of an address counts with that blog alone
    proved = set(emails(account))
    for author_id in author_ids(account.id):
        rows = select(Identity).where(
            Identity.author_id == author_id, Identity.kind == IdentityKind.EMAIL
        )
        held = {one.subject: one for one in db.session.scalars(rows)}
        for email in proved - held.keys():
            db.session.add(Identity(author_id=author_id, kind=IdentityKind.EMAIL, subject=email))
        for email in held.keys() - proved:
            db.session.delete(held[email])
    db.session.flush()


def _authors(account_id: str):  # type: ignore[no-untyped-def]
    return select(Author.id).where(Author.account_id == account_id)


def _delete_tokens(which: ColumnElement[bool]) -> None:
    _delete(AuthorToken, which)


def _delete(kind: type, which: ColumnElement[bool]) -> None:
    gone = delete(kind).where(which).execution_options(synchronize_session=False)
    db.session.execute(gone)
