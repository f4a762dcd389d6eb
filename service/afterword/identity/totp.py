"""A second step after the password: a code of the moment from an app (TOTP, RFC 6238).

Each code works once, as the RFC asks for (5.2). For a lost phone there are recovery codes.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

import pyotp
from sqlalchemy import delete, func, select

from afterword.core import clock, ids, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity.models import Moderator, RecoveryCode

STEP: Final = 30  # seconds that a code is shown for
DRIFT: Final = 1  # steps that the clock of a phone may be ahead or behind
CODES: Final = 8
GROUPS: Final = 4  # of four letters each: 80 bits, so that a plain digest of them is enough
_SECRET: Final = re.compile(r"[A-Z2-7]{32}\Z")


def new_secret() -> str:
    """What an app and we are to share: 160 bits (RFC 4226, 4) in base 32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this could be one of ours."""
    return _SECRET.match(text) is not None


def uri(secret: str, *, email: str, issuer: str) -> str:
    """The same as apps read it from a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer))


def turn_on(moderator: Moderator, secret: str, *, code: str) -> list[str]:
    """Ask for a second step from now on; answers the recovery codes, to be shown once.

    Inside a transaction. Raises BadRequest when the code shows that the app has another secret.
    """
    step = _step(secret, code)
    if step is None:
        raise _wrong()
    moderator.totp_secret, moderator.totp_last = secret, step
    return renew_codes(moderator)


def drop(moderator: Moderator) -> None:
    """Ask for the password alone. Inside a transaction."""
    moderator.totp_secret, moderator.totp_last = None, 0
    _drop_codes(moderator)


def renew_codes(moderator: Moderator) -> list[str]:
    """Other recovery codes; the ones before work no more. Inside a transaction."""
    _drop_codes(moderator)
    codes = ["-".join(_letters() for _ in range(GROUPS)) for _ in range(CODES)]
    db.session.add_all(
        RecoveryCode(code_hash=_digest(moderator, code), moderator_id=moderator.id)
        for code in codes
    )
    return codes


def codes_left(moderator: Moderator) -> int:
    """How many recovery codes were not used yet."""
    rows = select(func.count()).where(RecoveryCode.moderator_id == moderator.id)
    return db.session.scalar(rows) or 0


def use(moderator: Moderator, code: str) -> None:
    """Use a code up, of the app or for recovery. Raises BadRequest for a wrong or used one."""
    with transaction() as session:
        session.refresh(moderator, with_for_update=True)  # two at once must not both be the first
        secret = moderator.totp_secret
        step = _step(secret, code) if secret else None
        if step is not None and step > moderator.totp_last:
            moderator.totp_last = step
            return
        held = session.get(RecoveryCode, _digest(moderator, code))
        if held is None:
            raise _wrong()
        session.delete(held)


def _step(secret: str, code: str) -> int | None:
    """The moment that a code is of, counted in steps; None where it is of none near now."""
    digits = re.sub(r"\s", "", code)
    present = int(clock.now().timestamp()) // STEP
    for step in range(present - DRIFT, present + DRIFT + 1):
        if signing.same(pyotp.TOTP(secret).generate_otp(step), digits):
            return step
    return None


def _drop_codes(moderator: Moderator) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.moderator_id == moderator.id))


def _letters() -> str:
    return "".join(secrets.choice(ids.ALPHABET) for _ in range(4))


def _digest(moderator: Moderator, code: str) -> str:
    return signing.digest(f"{moderator.id} {re.sub(r'[^0-9a-z]', '', code.lower())}")


def _wrong() -> BadRequest:
    sentence = _(
        "This code is wrong, or it was used already. Each works once and for a short time."
    )
    return BadRequest(sentence, fields={"code": sentence})
