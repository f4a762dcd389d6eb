"""Signed calls, as https://www.standardwebhooks.com wants them."""

from __future__ import annotations

import base64
import datetime as dt
import hmac


def headers(body: bytes, *, secret: str, call: str, at: dt.datetime) -> dict[str, str]:
    """What a call carries. ``call`` names it: the same one sent again has the same name.

    ``secret`` is ``whsec_`` and base64. The signature is an HMAC-SHA-256 over name, time and body.
    """
    moment = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{call}.{moment}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": call,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
