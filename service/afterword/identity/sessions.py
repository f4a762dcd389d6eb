"""Sessions of moderators: rows, so that they can be ended from here."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest
from afterword.identity import moderators, passwords
from afterword.identity.models import Moderator, Session

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=30)
# ``seen`` is written at most this often: reading a page of the desk is no write otherwise.
NOTE_EVERY = dt.timedelta(minutes=10)


def log_in(email: str, password: str) -> str:
    """The token of a new session. Raises BadRequest; says not which of the two was wrong."""
    moderator = moderators.find(email.strip())
    stored = moderator.password_hash if moderator else None
    if not passwords.matches(stored, password) or moderator is None:
        raise BadRequest("E-mail address or password is wrong.")
    return start(moderator)


def start(moderator: Moderator) -> str:
    """The token of a new session of a moderator who has proved to be one."""
    token = signing.new_secret()
    with transaction() as session:
        session.execute(delete(Session).where(Session.seen < clock.now() - LONGEST))
        session.add(Session(token_hash=signing.digest(token), moderator_id=moderator.id))
    return token


def find(token: str | None) -> Moderator | None:
    """Whose session this is; None when it has ended."""
    held = db.session.get(Session, signing.digest(token)) if token else None
    now = clock.now()
    if held is None or now - held.seen > IDLE or now - held.created > LONGEST:
        return None
    if now - held.seen > NOTE_EVERY:
        with transaction():
            held.seen = now
    return held.moderator


def end(token: str) -> None:
    """Log out."""
    with transaction() as session:
        session.execute(delete(Session).where(Session.token_hash == signing.digest(token)))


def form_token(token: str) -> str:
    """What a form of this session carries against forged requests (CSRF)."""
    return signing.digest("form:" + token)
