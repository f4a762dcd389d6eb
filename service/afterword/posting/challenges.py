"""Proof of work, asked of a post that looks suspicious: a second for a browser, a farm for a robot.

The client finds a number for which SHA-256 of the salt and the number, both as text, begins with as
many zero bits as asked for (as in Hashcash, Back 2002). Nothing is stored until a post uses it up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import replace

from itsdangerous import BadData
from sqlalchemy import delete

from afterword.core import clock, signing
from afterword.core.db import db
from afterword.core.errors import ChallengeRequired
from afterword.core.i18n import _
from afterword.spam.assess import Assessment
from afterword.spam.verdict import Level
from afterword.threads.draft import Draft
from afterword.threads.models import SpentChallenge

PURPOSE = "challenge"
ALGORITHM = "SHA-256"
# A slow phone tries 100,000 a second in the widget's own code: at most two thirds of a second in
# the middle, and more than two in one of twenty times.
LEAST_BITS, MOST_BITS = 14, 16
LIFETIME = dt.timedelta(minutes=10)
TOLERANCE = dt.timedelta(minutes=1)  # by which a clock may be set back between question and answer


def settle(draft: Draft, assessment: Assessment, *, may_ask: bool) -> tuple[Assessment, str | None]:
    """What a suspicion comes to: nothing once a challenge is solved, else the owner has to look.

    Answers the solved challenge's salt beside it. Raises ChallengeRequired where the client can be
    asked for one.
    """
    salt = solved(draft)
    if salt is not None:
        return replace(assessment, level=Level.PASS), salt
    if may_ask:
        raise ask(draft, suspicion=assessment.suspicion)
    return replace(assessment, level=Level.HOLD), None


def ask(draft: Draft, *, suspicion: float) -> ChallengeRequired:
    """The refusal that carries a challenge for this very post; harder the more suspicious it is."""
    salt = secrets.token_urlsafe(12)
    bits = LEAST_BITS + round((MOST_BITS - LEAST_BITS) * suspicion)
    token = signing.tokens(PURPOSE).dumps([salt, bits, draft.fingerprint()])
    return ChallengeRequired(
        _("A short check is needed before this comment is taken. Your browser does it by itself."),
        challenge={
            "algorithm": ALGORITHM,
            "salt": salt,
            "difficulty": bits,
            "expires": clock.text(clock.now() + LIFETIME),
            "token": token,
        },
    )


def solved(draft: Draft) -> str | None:
    """The salt of the challenge that this post solves; None when it solves none, or spent it."""
    if draft.solution is None:
        return None
    try:
        held, asked = signing.tokens(PURPOSE).loads(draft.solution.token, return_timestamp=True)
        salt, bits, fingerprint = held
    except (BadData, ValueError, TypeError):
        return None
    if not -TOLERANCE <= clock.now() - asked <= LIFETIME:
        return None
    if fingerprint != draft.fingerprint() or not _is_answer(salt, bits, draft.solution.number):
        return None
    return None if is_spent(salt) else str(salt)


def is_spent(salt: str) -> bool:
    """Whether a post was taken for this challenge."""
    return db.session.get(SpentChallenge, salt) is not None


def spend(salt: str, draft: Draft, assessment: Assessment) -> None:
    """Use a challenge up, and forget those that nobody can use any more. In a transaction.

    Raises ChallengeRequired when another post was quicker.
    """
    if is_spent(salt):
        raise ask(draft, suspicion=assessment.suspicion)
    db.session.execute(
        delete(SpentChallenge)
        .where(SpentChallenge.at < clock.now() - 2 * LIFETIME)
        .execution_options(synchronize_session=False)
    )
    db.session.add(SpentChallenge(salt=salt))


def _is_answer(salt: str, bits: int, number: int) -> bool:
    found = hashlib.sha256(f"{salt}{number}".encode()).digest()
    return int.from_bytes(found, "big") >> (256 - bits) == 0
