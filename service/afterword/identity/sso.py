"""The blog's own log-in: it says who somebody is by a token that it signs, for its site alone.

A token (JWT, RFC 7519) is good once and for five minutes. With a shared secret only HS256 is taken,
with public keys only what public keys sign: neither can be passed off as the other (RFC 8725).
"""

from __future__ import annotations

import datetime as dt
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from afterword.core import clock, config
from afterword.core.errors import NotOffered, SignInFailed
from afterword.core.fetch import Limits
from afterword.core.i18n import _
from afterword.identity import challenges, oauth, openid, profiles
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind
from afterword.sites.directory import KnownSite

LONGEST: Final = 8 * 1024
LIFE: Final = challenges.LIFE
_LEEWAY: Final = dt.timedelta(seconds=60)  # by which the blog's clock may differ from ours
_STAFF: Final = "moderator"


@dataclass(frozen=True)
class Said:
    """Whom a blog vouches for, and what it says of them that counts with it alone."""

    shown: Shown
    email: str | None
    is_staff: bool


def read(token: str, *, site: KnownSite) -> Said:
    """Whom a token is of; it is used up by it. Raises SignInFailed, NotOffered."""
    if len(token) > LONGEST:
        raise _refused("It is longer than a token can be.")
    said = _claims(token, site)
    _check_time(said)
    subject, once = oauth.text(said, "sub", most=255), oauth.text(said, "jti", most=255)
    if not subject or not once:
        raise _refused("It needs sub and jti, both of them text.")
    if not challenges.spend_once(f"sso {site.id} {once}"):
        raise _refused("It was used before.")
    address = profiles.email(said, "email")
    name = profiles.name(said, "name")
    shown = Shown(
        kind=PassportKind.SSO,
        issuer=f"site {site.id}",
        subject=subject,
        label=profiles.label(address or name or subject),
        name=name,
        website=profiles.website(said, "website"),
        picture_url=profiles.picture(said, "picture"),
    )
    return Said(shown, address, said.get("role") == _STAFF)


def _claims(token: str, site: KnownSite) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jwk import OctKey

    algorithm = _algorithm(token)
    secret, url = site.options.sso_secret, site.options.sso_keys
    if not secret and not url:
        raise NotOffered(_("This site does not sign its own users in here."))
    limits = Limits(seconds=8.0, most=256 * 1024, inside=config.current().provider_hosts)
    try:
        if algorithm == "HS256" and secret:
            return jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
        if algorithm in openid.ALGORITHMS and url:
            allowed = list(openid.ALGORITHMS)
            try:
                return jwt.decode(token, openid.keys(url, limits), algorithms=allowed).claims
            except InvalidKeyIdError:  # it may have changed its keys since
                renewed = openid.keys(url, limits, are_new=True)
                return jwt.decode(token, renewed, algorithms=allowed).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused("Its signature is not the site's.") from None
    raise _refused("It is signed in a way that this site has not set up.")


def _algorithm(token: str) -> str:
    """How a token says that it is signed; nothing of it is believed yet."""
    head = token.partition(".")[0]
    try:
        said = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return ""
    algorithm = said.get("alg") if isinstance(said, dict) else None
    return algorithm if isinstance(algorithm, str) else ""


def _check_time(said: Mapping[str, Any]) -> None:
    """Raises SignInFailed for a token that is not for us, not now, or for too long."""
    audience = said.get("aud")
    ours = config.public_url()
    if audience not in (ours, [ours]):
        raise _refused(f"Its aud must be {ours}.")
    issued, expires = _moment(said, "iat"), _moment(said, "exp")
    now, leeway = clock.now().timestamp(), _LEEWAY.total_seconds()
    if not issued - leeway <= now < expires + leeway:
        raise _refused("It is too old, or the blog's clock is wrong.")
    if expires - issued > LIFE.total_seconds():
        raise _refused("It must end within five minutes of iat.")


def _moment(said: Mapping[str, Any], name: str) -> float:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**33:
        raise _refused("It needs iat and exp, in seconds.")
    return value


def _refused(why: str) -> SignInFailed:
    return SignInFailed(_("The blog's token was not accepted. %(why)s", why=why))
