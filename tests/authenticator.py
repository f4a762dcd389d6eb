"""A device that keeps passkeys, as the standard describes it: for tests that need no browser."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN, HOST = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey of somebody. What it says is true unless a test says otherwise."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""
    count: int = 0
    origin: str = ORIGIN
    host: str = HOST
    flags: int = PRESENT | VERIFIED

    def create(self, options: dict[str, Any]) -> str:
        """What a browser answers to ``navigator.credentials.create``, as JSON."""
        self.user = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        length = struct.pack(">H", len(self.credential))
        attested = bytes(16) + length + self.credential + cbor2.dumps(public)
        said = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._answer(
            attestationObject=text(cbor2.dumps(said)),
            clientDataJSON=text(self._client("webauthn.create", options)),
        )

    def get(self, options: dict[str, Any], **changed: Any) -> str:
        """What a browser answers to ``navigator.credentials.get``, as JSON."""
        self.count += 1
        client, data = self._client("webauthn.get", options), self._data(0)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {
            "authenticatorData": text(data),
            "clientDataJSON": text(client),
            "signature": text(signed),
            "userHandle": text(self.user),
        }
        return self._answer(**{**said, **changed})

    def _data(self, flags: int) -> bytes:
        name = hashlib.sha256(self.host.encode()).digest()
        return name + bytes([self.flags | flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, **response: Any) -> str:
        name = text(self.credential)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(answer)


def text(data: bytes) -> str:
    """Bytes as WebAuthn writes them."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(written: str) -> bytes:
    """Such a text as bytes."""
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))
