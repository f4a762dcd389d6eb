"""Sessions of moderators: rows, so that they can be ended from here."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, select, update

from afterword.core import clock, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, NotFound
from afterword.core.i18n import _
from afterword.identity import moderators, passwords
from afterword.identity.models import Moderator, Session

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=30)
# ``seen`` is written at most this often: reading a page of the desk is no write otherwise.
NOTE_EVERY = dt.timedelta(minutes=10)
# So long after they said their password a moderator is believed to sit there still.
FRESH = dt.timedelta(minutes=10)


def recognise(email: str, password: str) -> Moderator:
    """Whose these are. Raises BadRequest; says not which of the two was wrong."""
    moderator = moderators.find(email)
    stored = moderator.password_hash if moderator else None
    if not passwords.matches(stored, password) or moderator is None:
        raise BadRequest(_("E-mail address or password is wrong."))
    return moderator


def start(moderator: Moderator, *, agent: str = "") -> str:
    """The token of a new session of a moderator who has proved to be one.

    ``agent`` is what they know the browser by.
    """
    token = signing.new_secret()
    with transaction() as session:
        session.execute(delete(Session).where(Session.seen < clock.now() - LONGEST))
        session.add(
            Session(token_hash=signing.digest(token), moderator_id=moderator.id, agent=agent[:60])
        )
    return token


def find(token: str | None) -> Session | None:
    """The session of this token; None when it has ended."""
    if not token:
        return None
    of_token = Session.token_hash == signing.digest(token)
    held = db.session.scalar(select(Session).where(of_token, *_holds()))
    if held is not None and clock.now() - held.seen > NOTE_EVERY:
        return held if _note(held, seen=clock.now()) else None
    return held


def is_fresh(held: Session) -> bool:
    """Whether their password was said in this session a short while ago."""
    return clock.now() - (held.proved or held.created) <= FRESH


def prove(held: Session) -> None:
    """Note that their password was said just now, unless the session has ended meanwhile."""
    _note(held, proved=clock.now())


def of(moderator: Moderator) -> list[Session]:
    """Where a moderator is logged in, the last used first."""
    rows = select(Session).where(Session.moderator_id == moderator.id, *_holds())
    return list(db.session.scalars(rows.order_by(Session.seen.desc(), Session.created.desc())))


def end(token: str) -> None:
    """Log out."""
    with transaction() as session:
        session.execute(delete(Session).where(Session.token_hash == signing.digest(token)))


def end_one(token_hash: str, *, of: Moderator) -> Session:
    """Log a moderator out somewhere. Inside a transaction.

    Raises NotFound where they are not logged in.
    """
    held = db.session.get(Session, token_hash)
    if held is None or held.moderator_id != of.id:
        raise NotFound(_("This session has ended already."))
    db.session.delete(held)
    return held


def end_others(present: Session) -> bool:
    """Log a moderator out everywhere but here; whether they were in elsewhere.

    Inside a transaction.
    """
    ended = db.session.execute(
        delete(Session)
        .where(
            Session.moderator_id == present.moderator_id,
            Session.token_hash != present.token_hash,
        )
        .returning(Session.token_hash)
    )
    return ended.first() is not None


def form_token(token: str) -> str:
    """What a form of this session carries against forged requests (CSRF)."""
    return signing.digest("form:" + token)


def _note(held: Session, **values: dt.datetime) -> bool:
    """Whether it was there to be changed: it may be ended from another browser just now."""
    with transaction() as session:
        changed = update(Session).where(Session.token_hash == held.token_hash).values(**values)
        return session.execute(changed.returning(Session.token_hash)).first() is not None


def _holds() -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return Session.seen >= now - IDLE, Session.created >= now - LONGEST
