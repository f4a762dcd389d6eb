"""What changes about how somebody logs in: each with its line in the log."""

from __future__ import annotations

from afterword.core.db import transaction
from afterword.core.errors import BadRequest
from afterword.identity import passkeys
from afterword.identity.models import Moderator, Passkey
from afterword.identity.passkeys import Party
from afterword.moderation import audit


def add_passkey(passkey: Passkey, *, of: Moderator, name: str) -> None:
    """Let a moderator log in by a passkey that was made. Raises BadName, Conflict."""
    with transaction():
        passkeys.add(passkey, of, name=name)
        audit.note("add passkey", by=of.email, note=passkey.name)


def remove_passkey(number: int, *, of: Moderator) -> None:
    """Let a moderator's passkey open nothing any more. Raises NotFound."""
    with transaction():
        removed = passkeys.remove(number, of=of)
        audit.note("remove passkey", by=of.email, note=removed.name)


def use_passkey(passkey: Passkey, credential: str, nonce: bytes, *, at: Party) -> None:
    """Take a device's answer for a moderator's presence. Raises BadRequest."""
    count = passkeys.verified_count(passkey, credential, nonce, at=at)
    with transaction():
        is_only_one = passkeys.note_use(passkey, count)
        if not is_only_one:
            audit.note("refuse passkey", by=passkey.moderator.email, note=passkey.name)
    if not is_only_one:
        raise BadRequest(
            "This passkey was refused: it seems that a copy of it was used elsewhere. Log in with "
            "your password, remove it, and add another."
        )
