"""Proof that an e-mail address is somebody's own: a link or a code that is mailed there, good once.

The code is for the window in which it was asked for: it opens nothing without what that window was
told when it asked (``handle``), so that a stranger can neither guess at it nor use its tries up.

A stranger can type any address, so one that was never confirmed gets one such mail a day at most,
and none with words of a visitor in it.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Final

from itsdangerous import BadSignature
from sqlalchemy import delete, exists, func, or_, select

from afterword.core import clock, i18n, ids, signing
from afterword.core.db import db, take_turns
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity.models import Author, Confirmation, Identity, IdentityKind, Passport

# After a comment the mail waits to be read; who asked for one sits before the screen.
LIFE: Final = dt.timedelta(days=3)
ASKED_LIFE: Final = dt.timedelta(minutes=15)
REST: Final = dt.timedelta(days=1)
# Who did not answer once is left alone; later comments ask again when this is over.
KEPT: Final = dt.timedelta(days=30)
COUNTED: Final = dt.timedelta(hours=1)  # for which a mail that a client causes counts
MOST_ASKED: Final = 5  # links an hour to an address that is confirmed
MOST_A_DAY: Final = 10  # so that a code is never guessed: with MOST_TRIES, 50 of a million a day
MOST_TRIES: Final = 5
DIGITS: Final = 6
_PURPOSE: Final = "confirmation"
_HANDLE: Final = "code"
# As people copy it: "123 456", "123-456".
_BETWEEN: Final = re.compile(r"[\s-]+")


def prepare(email: str, *, author: Author, comment_id: str) -> None:
    """Let the author of a comment be asked once it is visible. Inside its transaction."""
    db.session.add(
        Confirmation(
            email=email,
            author_id=author.id,
            comment_id=comment_id,
            language=i18n.language().code,
        )
    )


def of_comment(comment_id: str) -> Confirmation | None:
    """What waits for a comment to be visible."""
    rows = select(Confirmation).where(
        Confirmation.comment_id == comment_id, Confirmation.sent.is_(None)
    )
    return db.session.scalar(rows.limit(1))


def ask(email: str) -> Confirmation:
    """A link for somebody who asks on our own page. Inside a transaction."""
    made = Confirmation(email=email, language=i18n.language().code)
    db.session.add(made)
    db.session.flush()
    return made


def may_ask(email: str) -> bool:
    """Whether one more mail may go to this address, because somebody asked for it.

    Inside the transaction that notes it, as ``may_follow``: else two at once would be let through.
    """
    take_turns(f"mail {email}")
    if is_proved(email):
        a_day = _sent(email, dt.timedelta(days=1)) < MOST_A_DAY
        return a_day and _sent(email, dt.timedelta(hours=1)) < MOST_ASKED
    return not _sent(email, REST)


def may_follow(email: str, *, is_wished: bool) -> bool:
    """Whether one may go there because of a comment, with a wish to be mailed or without."""
    take_turns(f"mail {email}")
    return not _sent(email, REST if is_wished else KEPT)


def is_asked(email: str, *, author_id: str | None, is_wished: bool) -> bool:
    """Whether one more comment causes no mail: one went, or waits for a comment of its author.

    A look alone, which keeps nobody else from asking: ``may_follow`` decides when a mail is due.
    """
    if _sent(email, REST if is_wished else KEPT):
        return True
    waits = select(Confirmation.id).where(
        Confirmation.email == email,
        Confirmation.author_id == author_id,
        Confirmation.comment_id.is_not(None),
        Confirmation.sent.is_(None),
        Confirmation.created > clock.now() - COUNTED,
    )
    return author_id is not None and bool(db.session.scalar(select(waits.exists())))


def mark_sent(confirmation: Confirmation) -> None:
    """Note that its mail goes out, and drop what is long past. Inside a transaction."""
    confirmation.sent = clock.now()
    db.session.execute(
        delete(Confirmation)
        .where(Confirmation.created < clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )


def mark_unsent(confirmation: Confirmation) -> None:
    """Note that its mail did not go out: it may once its comment appears. Inside a transaction."""
    confirmation.sent = None


def token(confirmation: Confirmation) -> str:
    """What the link in the mail carries."""
    return str(signing.tokens(_PURPOSE).dumps(confirmation.id))


def draw(confirmation: Confirmation) -> str:
    """The code of its mail: made now, and kept only as a pseudonym. Inside a transaction.

    A mail that is sent anew after a crash has another one; what a reader sees last is what counts.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    confirmation.code = _pseudonym(confirmation, code)
    return code


def handle(confirmation: Confirmation) -> str:
    """What the window is told that asked, by which it says later of what it has the code."""
    return str(signing.tokens(_HANDLE).dumps(confirmation.id))


def use_code(handle: str, code: str) -> Confirmation | None:
    """Use a code up, as ``use`` does a link; None for a wrong one, which counts as a try.

    Of what was never mailed any code is a wrong one: nobody learns by it whether it was. Inside a
    transaction, which is to be committed either way. Raises BadRequest when no code can be right
    any more.
    """
    try:
        said = signing.tokens(_HANDLE).loads(handle, max_age=int(ASKED_LIFE.total_seconds()))
    except BadSignature:
        raise _void_code() from None
    found = db.session.get(Confirmation, said, populate_existing=True, with_for_update=True)
    if found is None or found.used is not None or found.tries >= MOST_TRIES:
        raise _void_code()
    found.tries += 1
    typed = _pseudonym(found, _BETWEEN.sub("", code))
    if found.code is None or not signing.same(found.code, typed):
        return None
    found.used = clock.now()
    return found


def find(token: str) -> Confirmation:
    """What a link is about. Raises BadRequest for one that is void, or was used."""
    try:
        said = signing.tokens(_PURPOSE).loads(token)
    except BadSignature:
        raise _void() from None
    found = db.session.get(Confirmation, said) if ids.is_id(said) else None
    if found is None or is_over(found):
        raise _void()
    return found


def is_over(confirmation: Confirmation) -> bool:
    """Whether its link and its code do nothing: they were used, never mailed, or are too old."""
    if confirmation.used is not None or confirmation.sent is None:
        return True
    life = LIFE if confirmation.comment_id else ASKED_LIFE
    return clock.now() > confirmation.sent + life


def use(token: str) -> Confirmation:
    """Use a link up: the address is its author's from now on. Inside a transaction.

    Raises BadRequest.
    """
    found = find(token)
    db.session.refresh(found, with_for_update=True)
    if found.used is not None:
        raise _void()
    found.used = clock.now()
    if found.author_id is not None:
        key = (found.author_id, IdentityKind.EMAIL, found.email)
        if db.session.get(Identity, key) is None:
            author_id, kind, subject = key
            db.session.add(Identity(author_id=author_id, kind=kind, subject=subject))
    return found


def is_proved(email: str, *, author_id: str | None = None) -> bool:
    """Whether somebody, or this author, has proved to own an address."""
    rows = select(Identity.author_id).where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject == email
    )
    if author_id is not None:
        return bool(db.session.scalar(select(exists(rows.where(Identity.author_id == author_id)))))
    shown = select(Passport.id).where(Passport.email == email)
    return bool(db.session.scalar(select(or_(exists(rows), exists(shown)))))


def _sent(email: str, within: dt.timedelta) -> int:
    rows = select(func.count()).where(
        Confirmation.email == email, Confirmation.sent > clock.now() - within
    )
    return db.session.scalar(rows) or 0


def _pseudonym(confirmation: Confirmation, code: str) -> str:
    return signing.keyed(_HANDLE, confirmation.id, code)


def _void_code() -> BadRequest:
    return BadRequest(_("This code is too old, or was tried too often. Please ask for a new one."))


def _void() -> BadRequest:
    return BadRequest(_("This link was used already, or it is too old. Please ask for a new one."))
