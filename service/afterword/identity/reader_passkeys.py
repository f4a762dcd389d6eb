"""Passkeys of readers: made on the page of one's own, used instead of all other ways to sign in."""

from __future__ import annotations

from sqlalchemy import exists, select

from afterword.core.db import db
from afterword.core.errors import BadName, BadRequest, Conflict, NotFound
from afterword.core.i18n import _
from afterword.identity import passkeys
from afterword.identity.models import Account, AccountPasskey
from afterword.identity.passkeys import MOST, Party, Whom
from afterword.markup import plain


def creation(account: Account, nonce: bytes, *, at: Party) -> str:
    """What a browser is asked, as JSON, to make a passkey."""
    known_as = account.passports[0].label if account.passports else account.name
    held = [one.credential for one in of(account)]
    whom = Whom(handle=account.user_handle, known_as=known_as, name=account.name, held=held)
    return passkeys.creation_for(whom, nonce, at=at)


def add(account: Account, credential: str, *, nonce: bytes, at: Party, name: str) -> None:
    """Let an account be come to by a passkey that a browser has made. Inside a transaction.

    Raises BadRequest, BadName; Conflict for one that is somebody's, and for one too many.
    """
    made = passkeys.made(credential, nonce, at=at)
    shown = plain.name(name)
    if not shown:
        raise BadName(_("A passkey needs a name by which you know it again."))
    if db.session.scalar(select(exists().where(AccountPasskey.credential == made.credential))):
        raise Conflict(_("This passkey is kept here already."))
    if len(of(account)) >= MOST:
        raise Conflict(_("You have %(most)s passkeys. Remove one that you do not use.", most=MOST))
    db.session.add(
        AccountPasskey(
            account_id=account.id,
            credential=made.credential,
            public_key=made.public_key,
            count=made.count,
            name=shown,
        )
    )


def remove(number: int, *, of: Account) -> None:
    """Let a passkey open nothing any more. Inside a transaction. Raises NotFound."""
    held = db.session.get(AccountPasskey, number)
    if held is None or held.account_id != of.id:
        raise NotFound(_("This passkey is removed already."))
    db.session.delete(held)


def of(account: Account) -> list[AccountPasskey]:
    """An account's passkeys, in the order in which they were made."""
    rows = select(AccountPasskey).where(AccountPasskey.account_id == account.id)
    return list(db.session.scalars(rows.order_by(AccountPasskey.id)))


def use(credential: str, nonce: bytes, *, at: Party) -> Account:
    """Whose passkey was used. Inside a transaction. Raises BadRequest."""
    name = passkeys.named(credential)
    held = (
        db.session.scalar(select(AccountPasskey).where(AccountPasskey.credential == name))
        if name
        else None
    )
    if held is None:
        raise BadRequest(_("This passkey opens nothing here, or no longer. Sign in another way."))
    count = passkeys.verified_count(held, credential, nonce, at=at)
    if not passkeys.note_use(held, count):
        raise BadRequest(_("There is a copy of this passkey. Sign in another way, and remove it."))
    return held.account
