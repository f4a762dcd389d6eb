"""Moderators: the first by a one-time token, further ones and forgotten passwords by a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import delete, exists, select

from afterword.core import clock, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadEmail, BadName, BadRequest, Conflict, NotFound
from afterword.core.i18n import _
from afterword.identity import passkeys, passwords, totp
from afterword.identity.models import (
    Moderator,
    ModeratorSite,
    Notices,
    PassToken,
    Role,
    Session,
)
from afterword.markup import plain

TOKEN_LIFE = dt.timedelta(hours=1)


def exist() -> bool:
    """Whether anyone can log in yet."""
    return bool(db.session.scalar(select(exists().where(Moderator.id.is_not(None)))))


def set_up_token() -> str | None:
    """A fresh one-time token for the first moderator, void in an hour; None once there is one.

    An earlier token stops working: the one that was printed last is the one that works.
    """
    token = signing.new_secret()
    with transaction() as session:
        if exist():
            return None
        session.execute(delete(PassToken).where(PassToken.moderator_id.is_(None)))
        _add_token(token, None, TOKEN_LIFE)
    return token


def set_up(token: str, *, email: str, password: str, name: str = "") -> Moderator:
    """Make the first moderator. Raises BadRequest for a token that is void, BadEmail."""
    email, password_hash = _address(email), passwords.hashed(password)
    with transaction():
        if exist():
            raise Conflict(_("This service is set up already. Please log in."))
        _use_token(token, None)
        return _add(email, password_hash, name)


def add(
    email: str, *, password: str, name: str = "", sites: Collection[int] | None = None
) -> Moderator:
    """Make a moderator with a password: of these sites, or an owner when none are said.

    Raises Conflict for an address that has one.
    """
    email, password_hash = _address(email), passwords.hashed(password)
    with transaction():
        return appoint(email, name=name, sites=sites, password_hash=password_hash)


def appoint(
    email: str, *, name: str, sites: Collection[int] | None, password_hash: str = ""
) -> Moderator:
    """Make a moderator, who has to choose a password yet. Inside a transaction.

    The first of all is an owner. Raises BadEmail; Conflict for an address that is one.
    """
    email = _address(email)
    if find(email) is not None:
        raise Conflict(_("%(email)s is a moderator already.", email=email))
    is_first = not exist()
    moderator = _add(email, password_hash, name)
    assign(moderator, None if is_first else sites)
    return moderator


def assign(moderator: Moderator, sites: Collection[int] | None) -> None:
    """Let a moderator decide over these sites, or own everything. Inside a transaction.

    Raises Conflict for the last owner.
    """
    if sites is not None:
        _check_owner_is_left(moderator)
    moderator.role = Role.OWNER if sites is None else Role.MODERATOR
    moderator.posts = [ModeratorSite(site_id=site_id) for site_id in sorted(sites or ())]
    db.session.flush()


def dismiss(moderator: Moderator) -> None:
    """Take a moderator's access away at once. Inside a transaction.

    Raises Conflict for the last owner.
    """
    _check_owner_is_left(moderator)
    db.session.delete(moderator)


def new_link(moderator: Moderator, *, life: dt.timedelta = TOKEN_LIFE) -> str:
    """A one-time token by which a moderator chooses a password. Inside a transaction."""
    token = signing.new_secret()
    _add_token(token, moderator.id, life)
    return token


def reset(email: str) -> str:
    """A one-time token by which a moderator chooses a new password. Raises NotFound."""
    with transaction():
        return new_link(by_email(email))


def of_link(token: str) -> Moderator:
    """Who may choose a password by a one-time token. Raises BadRequest for a void one."""
    held = db.session.get(PassToken, signing.digest(token))
    if held is None or held.moderator_id is None or held.expires < clock.now():
        raise _void()
    return db.session.get_one(Moderator, held.moderator_id)


def use_link(token: str, moderator: Moderator, *, password_hash: str) -> None:
    """Give a moderator a password by their one-time token. Inside a transaction.

    Ends every session, the second step and passkeys. Raises BadRequest for a void token.
    """
    _use_token(token, moderator.id)
    set_password(moderator, password_hash)
    totp.drop(moderator)
    passkeys.drop_all(moderator)
    # Other links that were made for them must not change it once more.
    db.session.execute(delete(PassToken).where(PassToken.moderator_id == moderator.id))
    db.session.execute(delete(Session).where(Session.moderator_id == moderator.id))


def choose_notices(moderator: Moderator, wanted: Notices, *, is_daily: bool) -> None:
    """Of which comments a moderator is told by mail, and whether once a day."""
    with transaction():
        moderator.notices, moderator.is_daily, moderator.summary = wanted, is_daily, None


def rename(moderator: Moderator, name: str) -> None:
    """What a moderator is called beside their replies from now on. Raises BadName."""
    shown = plain.name(name)
    if not shown:
        raise BadName(_("A moderator needs a name: it stands beside their replies."))
    with transaction():
        moderator.name = shown


def choose_language(moderator: Moderator, code: str) -> None:
    """Speak to them in this language from now on; empty: as their browser asks for."""
    with transaction():
        moderator.language = code


def new_hash(moderator: Moderator, password: str, *, new: str) -> str:
    """What is stored of another password, where the present one is right. Raises BadRequest."""
    if not passwords.matches(moderator.password_hash, password):
        sentence = _("This is not your present password.")
        raise BadRequest(sentence, fields={"present": sentence})
    return passwords.hashed(new)


def set_password(moderator: Moderator, password_hash: str) -> None:
    """Let another password be theirs. Inside a transaction."""
    moderator.password_hash = password_hash


def find(email: str) -> Moderator | None:
    """The moderator with this address, however it is written."""
    return db.session.scalar(select(Moderator).where(Moderator.email == plain.kept_email(email)))


def every() -> list[Moderator]:
    """All moderators, by address."""
    return list(db.session.scalars(select(Moderator).order_by(Moderator.email)))


def by_id(number: int) -> Moderator | None:
    """The moderator of this number."""
    return db.session.get(Moderator, number)


def by_email(email: str) -> Moderator:
    """The same. Raises NotFound."""
    found = find(email)
    if found is None:
        raise NotFound(_("%(email)s is not a moderator.", email=email))
    return found


def names() -> list[str]:
    """What moderators are called beside their comments."""
    return list(db.session.scalars(select(Moderator.name)))


def _address(written: str) -> str:
    email = plain.email(written)
    if email is None:
        raise BadEmail(_("A moderator needs an e-mail address."))
    return email


def _check_owner_is_left(leaving: Moderator) -> None:
    """Who was invited and never came can do nothing for those who are left."""
    others = select(Moderator.id).where(
        Moderator.role == Role.OWNER, Moderator.password_hash != "", Moderator.id != leaving.id
    )
    if (
        leaving.is_owner
        and not leaving.is_invited
        and not db.session.scalar(
            others.limit(
                1
            ).with_for_update()  # two owners who remove each other must not both succeed
        )
    ):
        raise Conflict(_("This is the last owner. Make somebody else an owner first."))


def _add(email: str, password_hash: str, name: str) -> Moderator:
    moderator = Moderator(
        email=email,
        name=plain.name(name) or email.partition("@")[0],
        password_hash=password_hash,
    )
    db.session.add(moderator)
    db.session.flush()
    return moderator


def _add_token(token: str, moderator_id: int | None, life: dt.timedelta) -> None:
    db.session.add(
        PassToken(
            token_hash=signing.digest(token),
            moderator_id=moderator_id,
            expires=clock.now() + life,
        )
    )


def _use_token(token: str, moderator_id: int | None) -> None:
    held = db.session.get(PassToken, signing.digest(token))
    if held is None or held.moderator_id != moderator_id or held.expires < clock.now():
        raise _void()
    db.session.delete(held)


def _void() -> BadRequest:
    sentence = _(
        "This one-time token is not valid (any more). Whoever runs the service can make a new one: "
        "by starting it again before it is set up, afterwards by afterword moderators reset E-MAIL."
    )
    return BadRequest(sentence, fields={"token": sentence})
