"""What changes about how somebody logs in: each with its line in the log, most with a mail too.

The lines are under their own name and about no site: owners see them in the log, and who it is
about sees them at their account.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import select

from afterword.core import clock, config, ids
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity import moderators, passkeys, passwords, sessions, totp
from afterword.identity.models import Moderator, Passkey, Session
from afterword.identity.passkeys import Party
from afterword.jobs import queue
from afterword.moderation import audit
from afterword.moderation.models import Act

# What they are mailed of, so that they learn of it when somebody else did it.
MAILED: Final = (
    *("change password", "reset password", "second step on", "second step off", "renew codes"),
    *("add passkey", "remove passkey", "refuse passkey"),
)
VERBS: Final = (*MAILED, "accept", "end session", "end sessions", "wait")
SHOWN: Final = 10
_QUIET: Final = dt.timedelta(hours=1)


def change_password(present: Session, password: str, *, new: str) -> None:
    """Choose another password and log out everywhere but here.

    Raises BadRequest for a wrong present one, or a new one that is too short.
    """
    password_hash = moderators.new_hash(present.moderator, password, new=new)
    with transaction():
        moderators.set_password(present.moderator, password_hash)
        sessions.end_others(present)
        _note("change password", present.moderator)


def choose_password(token: str, password: str) -> Moderator:
    """Use an invitation or a reset. Ends every session, the second step and passkeys.

    Raises BadRequest for a void token.
    """
    # Tries are not counted, or strangers could use them up: a void one must cost nothing.
    moderators.of_link(token)
    password_hash = passwords.hashed(password)
    with transaction():
        moderator = moderators.of_link(token)
        _note("accept" if moderator.is_invited else "reset password", moderator)
        moderators.use_link(token, moderator, password_hash=password_hash)
        return moderator


def turn_on_second_step(moderator: Moderator, secret: str, *, code: str) -> list[str]:
    """Ask for a second step from now on; answers the recovery codes, to be shown once.

    Raises BadRequest when the code shows that the app has another secret.
    """
    with transaction():
        codes = totp.turn_on(moderator, secret, code=code)
        _note("second step on", moderator)
        return codes


def turn_off_second_step(moderator: Moderator) -> None:
    """Ask for the password alone."""
    if not moderator.has_second_step:
        return
    with transaction():
        totp.drop(moderator)
        _note("second step off", moderator)


def renew_codes(moderator: Moderator) -> list[str]:
    """Other recovery codes; the ones before work no more."""
    with transaction():
        codes = totp.renew_codes(moderator)
        _note("renew codes", moderator)
        return codes


def end_session(token_hash: str, *, of: Moderator) -> None:
    """Log a moderator out somewhere. Raises NotFound where they are not logged in."""
    with transaction():
        ended = sessions.end_one(token_hash, of=of)
        _note("end session", of, note=ended.agent)


def end_other_sessions(present: Session) -> None:
    """Log a moderator out everywhere but here."""
    with transaction():
        if sessions.end_others(present):
            _note("end sessions", present.moderator)


def add_passkey(passkey: Passkey, *, of: Moderator, name: str) -> None:
    """Let a moderator log in by a passkey that was made. Raises BadName, Conflict."""
    with transaction():
        passkeys.add(passkey, of, name=name)
        _note("add passkey", of, note=passkey.name)


def remove_passkey(number: int, *, of: Moderator) -> None:
    """Let a moderator's passkey open nothing any more. Raises NotFound."""
    with transaction():
        removed = passkeys.remove(number, of=of)
        _note("remove passkey", of, note=removed.name)


def use_passkey(passkey: Passkey, credential: str, nonce: bytes, *, at: Party) -> None:
    """Take a device's answer for a moderator's presence. Raises BadRequest."""
    count = passkeys.verified_count(passkey, credential, nonce, at=at)
    with transaction():
        is_only_one = passkeys.note_use(passkey, count)
        if not is_only_one:
            _note("refuse passkey", passkey.moderator, note=passkey.name)
    if not is_only_one:
        raise BadRequest(
            _(
                "This passkey was refused: it seems that a copy of it was used elsewhere. Log in "
                "with your password, remove it, and add another."
            )
        )


def note_wait(email: str) -> None:
    """Note that somebody guesses at an account: once an hour, however often they are refused."""
    moderator = moderators.find(email)
    if moderator is None:
        return
    since = clock.now() - _QUIET
    rows = select(Act.id).where(Act.by == moderator.email, Act.verb == "wait", Act.at > since)
    with transaction() as session:
        if session.scalar(rows.limit(1)) is None:
            _note("wait", moderator)


def lately(moderator: Moderator) -> list[Act]:
    """The last lines about how somebody logs in, newest first."""
    rows = select(Act).where(Act.by == moderator.email, Act.verb.in_(VERBS))
    return list(db.session.scalars(rows.order_by(Act.at.desc(), Act.id.desc()).limit(SHOWN)))


def _note(verb: str, moderator: Moderator, *, note: str = "") -> None:
    audit.note(verb, by=moderator.email, note=note or None)
    if verb in MAILED and config.current().smtp_url is not None:
        said = {"moderator_id": moderator.id, "what": verb, "name": note, "about": ids.new()}
        queue.add("account", {**said, "at": clock.text(clock.now())})
