"""Passkeys: key pairs whose private half never leaves a moderator's device (W3C WebAuthn, level 3).

The device itself makes sure who holds it ("user verification"), so that one stands for the password
and for the second step. What it signs names the address of the page it was asked on, so that a page
that only looks like ours gets nothing that is of use here.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, select

from afterword.core import clock, config
from afterword.core.db import db
from afterword.core.errors import BadName, BadRequest, Conflict, NotFound
from afterword.core.i18n import _
from afterword.identity.models import AccountPasskey, Moderator, Passkey
from afterword.markup import plain

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MOST: Final = 20  # of one moderator
LONGEST_CREDENTIAL: Final = 1400  # 1023 bytes (WebAuthn, 4) in base64url, and some air
_WAIT: Final = 120_000  # ms that a browser waits for its user
_log = logging.getLogger(__name__)

# ``webauthn`` is imported where it is used: it costs 25 MB and a quarter of a second, and a service
# without passkeys is to pay neither.
T = TypeVar("T")
Held = Passkey | AccountPasskey


@dataclass(frozen=True)
class Party:
    """Who asks for a passkey, in WebAuthn's words the relying party: a host, and its origin."""

    id: str
    origin: str


def party() -> Party | None:
    """What passkeys of this service are bound to; None where browsers offer none.

    They do so for names and not for numbers, by https or on the own machine.
    """
    origin = config.public_url()
    parts = urlsplit(origin)
    host = parts.hostname or ""
    is_here = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or not (parts.scheme == "https" or is_here):
        return None
    return Party(host, origin)


@dataclass(frozen=True, kw_only=True)
class Whom:
    """For whom a passkey is made: what devices know them by, what they show, what there is."""

    handle: str
    known_as: str
    name: str
    held: Sequence[str] = ()


def creation(moderator: Moderator, nonce: bytes, *, at: Party) -> str:
    """What a browser is asked, as JSON, to make a passkey."""
    held = _credentials(moderator)
    whom = Whom(
        handle=moderator.user_handle, known_as=moderator.email, name=moderator.name, held=held
    )
    return creation_for(whom, nonce, at=at)


def creation_for(whom: Whom, nonce: bytes, *, at: Party) -> str:
    """The same for anybody."""
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=at.id,
            rp_name=f"Afterword {at.id}",
            user_id=whom.handle.encode(),
            user_name=whom.known_as,
            user_display_name=whom.name,
            challenge=nonce,
            timeout=_WAIT,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_described(whom.held),
        )
    )


def request(nonce: bytes, *, at: Party, of: Moderator | None = None) -> str:
    """What a browser is asked, as JSON, to use a passkey: any it has here, or one of somebody's."""
    held = _credentials(of) if of else None
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=at.id,
            challenge=nonce,
            timeout=_WAIT,
            allow_credentials=_described(held) if held is not None else None,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
    )


def made(credential: str, nonce: bytes, *, at: Party) -> Passkey:
    """The passkey that a browser has made, with no owner yet. Raises BadRequest."""
    import webauthn

    answer = _verified(
        lambda: webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=at.id,
            expected_origin=at.origin,
            require_user_verification=True,
        )
    )
    return Passkey(
        credential=webauthn.helpers.bytes_to_base64url(answer.credential_id),
        public_key=answer.credential_public_key,
        count=answer.sign_count,
    )


def add(passkey: Passkey, moderator: Moderator, *, name: str) -> None:
    """Let a moderator log in by a passkey that was made. Inside a transaction.

    Raises BadName; Conflict for one that is somebody's, and for one too many.
    """
    shown = plain.name(name)
    if not shown:
        raise BadName(_("A passkey needs a name by which you know it again."))
    taken = select(exists().where(Passkey.credential == passkey.credential))
    if db.session.scalar(taken):
        raise Conflict(_("This passkey is kept here already."))
    if len(of(moderator)) >= MOST:
        raise Conflict(_("You have %(most)s passkeys. Remove one that you do not use.", most=MOST))
    passkey.moderator_id, passkey.name = moderator.id, shown
    db.session.add(passkey)


def remove(number: int, *, of: Moderator) -> Passkey:
    """Let a moderator's passkey open nothing any more. Inside a transaction. Raises NotFound."""
    held = db.session.get(Passkey, number)
    if held is None or held.moderator_id != of.id:
        raise NotFound(_("This passkey is removed already."))
    db.session.delete(held)
    return held


def drop_all(moderator: Moderator) -> None:
    """The same for all that somebody has. Inside a transaction."""
    db.session.execute(delete(Passkey).where(Passkey.moderator_id == moderator.id))


def of(moderator: Moderator) -> list[Passkey]:
    """A moderator's passkeys, in the order in which they were made."""
    rows = select(Passkey).where(Passkey.moderator_id == moderator.id)
    return list(db.session.scalars(rows.order_by(Passkey.id)))


def find(credential: str) -> Passkey | None:
    """The passkey that a browser's answer is of, as it says; nothing of it is believed yet."""
    name = named(credential)
    return db.session.scalar(select(Passkey).where(Passkey.credential == name)) if name else None


def named(credential: str) -> str | None:
    """The name of the passkey that a browser's answer is of; None where it is no answer."""
    try:
        said = json.loads(credential)
    except (ValueError, RecursionError):
        return None
    name = said.get("id") if isinstance(said, dict) else None
    if not isinstance(name, str) or not name.isascii() or len(name) > LONGEST_CREDENTIAL:
        return None
    return name.replace("\0", "")


def verified_count(passkey: Held, credential: str, nonce: bytes, *, at: Party) -> int:
    """How often the device says it has used a passkey, where its answer is good.

    Raises BadRequest.
    """
    import webauthn
    from webauthn.helpers import parse_authentication_credential_json as parse

    answer = _verified(
        lambda: webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=at.id,
            expected_origin=at.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # ``note_use`` compares: a copy is more than a mistake
            require_user_verification=True,
        )
    )
    handle = parse(credential).response.user_handle
    if handle is not None and handle != passkey.user_handle.encode():
        raise _refused()
    return answer.new_sign_count


def note_use(passkey: Held, count: int) -> bool:
    """Note that a passkey was used; False where its count shows that there is a copy of it.

    Inside a transaction. Passkeys that are kept on several devices do not count: they say 0.
    """
    db.session.refresh(passkey, with_for_update=True)  # two at once must not both be the first
    if (count or passkey.count) and count <= passkey.count:
        return False
    passkey.count, passkey.used = count, clock.now()
    return True


def _verified(verify: Callable[[], T]) -> T:
    try:
        return verify()
    except Exception as error:
        # Also of what its parsers stumble over: whatever was sent, it is no passkey's answer.
        _log.info("a passkey's answer was refused: %s", type(error).__name__)
        raise _refused() from None


def _credentials(moderator: Moderator) -> list[str]:
    return [one.credential for one in of(moderator)]


def _described(held: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in held]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _refused() -> BadRequest:
    return BadRequest(_("This passkey was not accepted. Try it once more, or use your password."))
