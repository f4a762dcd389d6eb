"""GitHub, whose OAuth says nothing of people: they are asked for at its API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterword.core.errors import SignInFailed
from afterword.core.i18n import _
from afterword.identity import oauth, profiles
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind
from afterword.identity.oauth import Party
from afterword.sites.models import Provider

_API = "https://api.github.com"


def party(provider: Provider, _instance: str) -> Party:
    """How it is spoken with."""
    return Party(
        issuer=provider.issuer,
        authorize=f"{provider.issuer}/login/oauth/authorize",
        token=f"{provider.issuer}/login/oauth/access_token",
        # The least that says whether an address is theirs; their profile is public anyhow.
        scope="user:email",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        # Since 2026 it says so with each answer (nextauthjs/next-auth#13408). People are known by
        # the issuer that it had here before.
        about={"answers_as": f"{provider.issuer}/login/oauth"},
    )


def shown(party: Party, token: Mapping[str, Any], *, nonce: str, trusts_email: bool) -> Shown:  # noqa: ARG001 - no ID token
    """Whom it vouches for. Raises SignInFailed."""
    bearer = oauth.text(token, "access_token")
    said = oauth.ask(f"{_API}/user", limits=party.limits, bearer=bearer)
    number = said.get("id") if isinstance(said, dict) else None
    if type(number) is not int or number <= 0:
        raise SignInFailed(_("GitHub did not say who you are. Please try again."))
    login = profiles.name(said, "login")
    return Shown(
        kind=PassportKind.GITHUB,
        issuer=party.issuer,
        subject=str(number),  # the log-in name may be somebody else's tomorrow
        label=profiles.label(login),
        email=_email(party, bearer) if trusts_email else None,
        name=profiles.name(said, "name") or login,
        website=profiles.website(said, "blog"),
        picture_url=profiles.picture(said, "avatar_url"),
    )


def _email(party: Party, bearer: str) -> str | None:
    """The address that they get their mail at, when GitHub has checked it."""
    found = oauth.ask(f"{_API}/user/emails", limits=party.limits, bearer=bearer)
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and one.get("primary") is True and one.get("verified") is True:
            return profiles.email(one, "email")
    return None
