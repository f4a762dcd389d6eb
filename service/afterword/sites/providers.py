"""Whom readers can sign in with: set up at the desk, for every site of the service at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from afterword.core import config, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, BadUrl, NotFound
from afterword.core.i18n import _
from afterword.sites import directory
from afterword.sites.models import Provider, ProviderKind

MOST: Final = 12
LABELS: Final = {
    ProviderKind.GITHUB: "GitHub",
    ProviderKind.GOOGLE: "Google",
    ProviderKind.GITLAB: "GitLab",
    ProviderKind.MASTODON: "Mastodon",
    ProviderKind.OIDC: "",
}
# Where the issuer is known. These say only of addresses that they have checked that they are.
_ISSUERS: Final = {
    ProviderKind.GITHUB: "https://github.com",
    ProviderKind.GOOGLE: "https://accounts.google.com",
    ProviderKind.GITLAB: "https://gitlab.com",
}
_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A provider as the owner typed it. An empty secret leaves the one that is kept."""

    kind: ProviderKind
    label: str = ""
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    trusts_email: bool = False


def every() -> list[Provider]:
    """All that are set up, in the order of their names."""
    return list(db.session.scalars(select(Provider).order_by(Provider.name)))


def find(name: str) -> Provider:
    """The provider of this name. Raises NotFound."""
    found = db.session.get(Provider, name)
    if found is None:
        raise NotFound(_("There is no such way to sign in here."))
    return found


def save(setup: Setup, *, name: str | None = None) -> Provider:
    """Set one up, or change the one of this name. Raises BadRequest, BadUrl, NotFound."""
    label = " ".join((setup.label or LABELS[setup.kind]).split())
    if not 1 <= len(label) <= 40 or not label.isprintable():
        raise BadRequest(_("Say what readers are to call it, in 40 characters."), field="label")
    with transaction() as session:
        held = find(name) if name else None
        _check(setup, held)
        made = held or Provider(name=free_name(setup.kind, label), kind=setup.kind)
        made.label = label
        made.issuer = _issuer(setup)
        made.client_id = setup.client_id.strip()
        made.client_secret = setup.client_secret.strip() or (held.client_secret if held else "")
        made.trusts_email = setup.trusts_email or _is_known(made)
        session.add(made)
    directory.forget()
    return made


def remove(name: str) -> None:
    """Offer one no more. Who came by it stays who they are. Raises NotFound."""
    with transaction() as session:
        session.delete(find(name))
    directory.forget()


def _check(setup: Setup, held: Provider | None) -> None:
    if setup.kind is ProviderKind.MASTODON:
        return
    for field, text, most in (
        ("client_id", setup.client_id, 300),
        ("client_secret", setup.client_secret, 500),
    ):
        said = text.strip()
        if len(said) > most or not said.isascii() or not said.isprintable():
            raise BadRequest(_("Copy this as the provider shows it."), field=field)
    if not setup.client_id.strip():
        raise BadRequest(_("The provider gives you an id for this service."), field="client_id")
    if not setup.client_secret.strip() and (held is None or not held.client_secret):
        raise BadRequest(
            _("The provider gives you a secret for this service."), field="client_secret"
        )


def _issuer(setup: Setup) -> str:
    written = setup.issuer.strip().rstrip("/")
    if setup.kind is ProviderKind.MASTODON:
        return ""
    if setup.kind in {ProviderKind.GITHUB, ProviderKind.GOOGLE} or (
        setup.kind is ProviderKind.GITLAB and not written
    ):
        return _ISSUERS[setup.kind]
    parts = urls.split(written)
    is_safe = parts.scheme == "https" or parts.place in config.current().provider_hosts
    if not is_safe or parts.query or parts.fragment:
        raise BadUrl(_("An issuer is an address like https://id.example.org"), field="issuer")
    # As it is written: what it says of itself is compared with this to the letter.
    return setup.issuer.strip() if setup.kind is ProviderKind.OIDC else parts.origin


def _is_known(provider: Provider) -> bool:
    return provider.issuer == _ISSUERS.get(provider.kind)


def free_name(kind: ProviderKind, label: str) -> str:
    """What a new one would be called in addresses. Raises BadRequest when there are too many."""
    taken = set(db.session.scalars(select(Provider.name)))
    if len(taken) >= MOST:
        raise BadRequest(
            _("There are %(most)s already. Remove one that nobody uses.", most=MOST),
            field="label",
        )
    called = label if kind is ProviderKind.OIDC else kind.value
    base = _NAME.sub("-", called.lower()).strip("-")[:24] or "provider"
    names = [base, *(f"{base}-{number}" for number in range(2, MOST + 2))]
    return next(one for one in names if one not in taken and one not in RESERVED)


# Addresses below /auth/ that are no provider's.
RESERVED: Final = frozenset({"email", "passkey", "sso", "callback", "begin", "join"})
