"""Secrets and signatures. One ring of keys; each purpose signs with a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from flask import current_app
from itsdangerous import URLSafeTimedSerializer

from afterword.core.config import Settings, WrongSetting

SECRET_BYTES = 32
KEY_FILE = "secret_keys"
MOST_KEYS = 10  # five years of links in mails, by two changes a year


def ring(settings: Settings) -> tuple[str, ...]:
    """The signing keys, newest first; made and kept in the data folder when none are set.

    Raises WrongSetting when the kept file is unreadable or too short.
    """
    if settings.secret_keys:
        return settings.secret_keys
    kept = settings.data / KEY_FILE
    if not kept.exists():
        _keep_new_key(kept)
    keys = tuple(kept.read_text(encoding="ascii").split())
    if not keys or any(len(key) < 32 for key in keys):
        raise WrongSetting(f"{kept} holds no key of 32 characters: restore it or remove it.")
    return keys


def rotate(settings: Settings, *, forget: bool) -> int:
    """Sign with a new key from the next start on; answers how many keys are kept with it.

    The older ones still verify, since mails with links are kept, unless they are to be forgotten:
    then nothing that was signed until now is believed. Raises WrongSetting when the keys are not
    ours to change.
    """
    if settings.secret_keys:
        raise WrongSetting(
            "The keys are in AFTERWORD_SECRET_KEYS: write a new one before them there, with a "
            "comma between. Take an older one away when it leaked, else keep it: links in mails to "
            "moderators need it for 30 days, those that end a subscription and the addresses of "
            "feeds of answers for as long as readers keep them."
        )
    older = () if forget else ring(settings)[: MOST_KEYS - 1]
    kept = settings.data / KEY_FILE
    draft = _draft(kept, (new_secret(), *older))
    draft.replace(kept)
    return 1 + len(older)


def tokens(purpose: str) -> URLSafeTimedSerializer:
    """Signs and reads tokens of one purpose; those signed with older keys still verify."""
    keys = list(reversed(current_app.extensions["afterword.keys"]))  # itsdangerous: newest last
    return URLSafeTimedSerializer(
        keys,
        salt=f"afterword.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def keyed(purpose: str, salt: str, text: str) -> str:
    """A pseudonym of a text: always the same under this salt, and nobody's guess without our key.

    With the newest key only: what was named under an older one is not found again.
    """
    key = current_app.extensions["afterword.keys"][0]
    salted = hmac.digest(key.encode(), f"afterword.{purpose}.{salt}".encode(), "sha256")
    return hmac.digest(salted, text.encode(), "sha256").hex()[:32]


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is stored of a 256-bit secret. Random, so a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare without telling by time. On bytes: text beyond ASCII would raise."""
    return hmac.compare_digest(one.encode(), other.encode())


def _keep_new_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole, then linked into place: a process that starts beside this one reads all or
    # nothing, and whichever links first decides the key for both.
    draft = _draft(path, (new_secret(),))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, keys: tuple[str, ...]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return draft
