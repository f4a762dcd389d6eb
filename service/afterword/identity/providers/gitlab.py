"""GitLab, gitlab.com or one's own, which speaks OpenID Connect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterword.identity import openid, profiles
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind
from afterword.identity.oauth import Party
from afterword.sites.models import Provider


def party(provider: Provider, _instance: str) -> Party:
    """How it is spoken with. Raises SignInFailed."""
    return openid.party(
        provider.issuer, client_id=provider.client_id, client_secret=provider.client_secret
    )


def shown(party: Party, token: Mapping[str, Any], *, nonce: str, trusts_email: bool) -> Shown:
    """Whom it vouches for. Raises SignInFailed."""
    said = openid.claims(party, token, nonce=nonce)
    return profiles.of_claims(
        said, kind=PassportKind.GITLAB, issuer=party.issuer, trusts_email=trusts_email
    )
