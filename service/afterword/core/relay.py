"""The mail server that mails are handed to, as its address says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit


class Security(StrEnum):
    """How the connection to a mail server is kept secret."""

    TLS = "tls"  # from its first byte (RFC 8314)
    STARTTLS = "starttls"  # asked for at once, and nothing is said when it is refused (RFC 3207)
    OFF = "off"


SCHEMES = {"smtp": (587, Security.STARTTLS), "smtps": (465, Security.TLS)}


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Where mails are handed over, and as whom."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def read(written: str) -> Relay | None:
    """``smtp://user:password@host:port`` or ``smtps://…``; None when empty. Raises ValueError.

    A user or password with one of ``:/@?#%`` in it is percent-encoded. ``?tls=off`` speaks in the
    clear, as a server on the same machine is spoken to anyhow.
    """
    if not written.strip():
        return None
    parts = urlsplit(written.strip())
    is_strange = parts.path.strip("/") or parts.fragment or parts.query not in {"", "tls=off"}
    if parts.scheme not in SCHEMES or not parts.hostname or is_strange:
        raise ValueError(
            "must be like smtp://user:password@mail.example:587 or smtps://user:password@"
            "mail.example, with : / @ ? # and % in user and password percent-encoded, and at most "
            "?tls=off behind it"
        )
    usual, security = SCHEMES[parts.scheme]
    if parts.query or (security is Security.STARTTLS and _is_here(parts.hostname)):
        security = Security.OFF
    return Relay(
        host=parts.hostname,
        port=parts.port or usual,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
