"""OpenID Connect: where a provider says how it is spoken with, and what it says of somebody.

Core 1.0, Discovery 1.0; what an ID token says is checked by authlib, its signature by joserfc, with
the algorithms of public keys alone: one that is signed with our own secret, or not at all, is none.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from afterword.core import config, urls
from afterword.core.errors import BadUrl, SignInFailed
from afterword.core.fetch import Limits
from afterword.core.i18n import _
from afterword.identity import oauth
from afterword.identity.oauth import Party

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
SCOPE: Final = "openid profile email"
_FRESH: Final = 3600.0  # seconds for which what a provider says of itself is kept
_REST: Final = 60.0  # seconds between two questions for keys that are not there
_LEEWAY: Final = 60  # seconds by which its clock may differ from ours


@dataclass
class _Kept:
    value: Any
    at: float
    asked: float  # for new ones, whatever came of it


_kept: dict[str, _Kept] = {}


def party(issuer: str, *, client_id: str, client_secret: str) -> Party:
    """How an issuer is spoken with, as it says itself. Raises SignInFailed."""
    inside = config.current().provider_hosts
    limits = Limits(seconds=8.0, most=256 * 1024, inside=inside)
    said = _known(f"{issuer.rstrip('/')}/.well-known/openid-configuration", limits)
    # To the letter (Discovery, 4.3): else one issuer could speak for another.
    if not isinstance(said, dict) or said.get("issuer") != issuer:
        raise SignInFailed(
            _("The provider is not the one that is set up here. Tell the site's owner.")
        )
    ends = {name: _end(said, name, inside) for name in ("authorization_endpoint", "token_endpoint")}
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Party(
        issuer=issuer,
        authorize=ends["authorization_endpoint"],
        token=ends["token_endpoint"],
        scope=SCOPE,
        client_id=client_id,
        client_secret=client_secret,
        method="client_secret_basic" if "client_secret_basic" in methods else "client_secret_post",
        about={
            "jwks_uri": _end(said, "jwks_uri", inside),
            "names_itself": said.get("authorization_response_iss_parameter_supported") is True,
        },
        inside=inside,
    )


def claims(party: Party, token: Mapping[str, Any], *, nonce: str) -> Mapping[str, Any]:
    """What an issuer says of somebody, with our nonce and for us. Raises SignInFailed."""
    written = oauth.text(token, "id_token", most=64 * 1024)
    if not written:
        raise _refused()
    try:
        return _checked(written, party, token, nonce, _keys(party))
    except _UnknownKey:
        pass  # it may have changed its keys since
    try:
        return _checked(written, party, token, nonce, _keys(party, are_new=True))
    except _UnknownKey:
        raise _refused() from None


class _UnknownKey(Exception):
    """A token names a key that we do not know."""


def _checked(
    written: str, party: Party, token: Mapping[str, Any], nonce: str, keys: Any
) -> Mapping[str, Any]:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        signed = jwt.decode(written, keys, algorithms=list(ALGORITHMS))
        said = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": party.issuer},
                "aud": {"essential": True, "value": party.client_id},
            },
            {
                "nonce": nonce,
                "client_id": party.client_id,
                "access_token": token.get("access_token"),
            },
        )
        said.validate(leeway=_LEEWAY)
    except InvalidKeyIdError:
        raise _UnknownKey from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused() from None
    if not oauth.text(said, "sub", most=255):
        raise _refused()
    return dict(said)


def _keys(party: Party, *, are_new: bool = False) -> Any:
    return keys(party.about["jwks_uri"], party.limits, are_new=are_new)


def keys(url: str, limits: Limits, *, are_new: bool = False) -> Any:
    """The public keys at an address, asked for anew unless that was just done.

    Raises SignInFailed, NotReady.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return KeySet.import_key_set(_known(url, limits, is_new=are_new))
    except (JoseError, ValueError, TypeError, KeyError):
        raise oauth.unreachable() from None


def _known(url: str, limits: Limits, *, is_new: bool = False) -> Any:
    kept, now = _kept.get(url), time.monotonic()
    is_fresh = kept is not None and now - kept.at <= _FRESH
    # Anybody can make up a token of an unknown key: it has nobody asked again and again.
    if kept is not None and is_fresh and (not is_new or now - kept.asked <= _REST):
        return kept.value
    with oauth.calling(oauth.CHOSEN):
        if kept is not None and is_fresh:
            kept.asked = now
        value = oauth.ask(url, limits=limits)
    _kept[url] = _Kept(value, at=now, asked=kept.asked if kept is not None else -math.inf)
    return value


def _end(said: Mapping[str, Any], name: str, inside: frozenset[str]) -> str:
    """An address that a provider names. Raises SignInFailed for one that is not safe to use."""
    url = oauth.text(said, name)
    try:
        parts = urls.split(url)
    except BadUrl:
        raise oauth.unreachable() from None
    if parts.scheme != "https" and parts.place not in inside:
        raise SignInFailed(_("The provider does not use https. Tell the site's owner."))
    return url


def _refused() -> SignInFailed:
    return SignInFailed(_("What the provider said of you could not be believed. Please try again."))
