"""Mastodon, any server: this service registers itself there when the first reader comes from it.

Whose server it is a visitor says, so it is spoken with only on the Internet, by https, and believed
only about its own people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from afterword.core import config, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, BadUrl, SignInFailed
from afterword.core.fetch import Limits
from afterword.core.i18n import _
from afterword.identity import oauth, profiles
from afterword.identity.accounts import Shown
from afterword.identity.models import Instance, Passport, PassportKind
from afterword.identity.oauth import Party
from afterword.sites.models import Provider

SCOPE = "read:accounts"
MOST_INSTANCES = 5000
_LIMITS = Limits(seconds=8.0, most=256 * 1024)
_BEFORE = re.compile(r"^(?:https?://)?(?:@?[^@/\s]*@)?", re.IGNORECASE)


def host(written: str) -> str:
    """The server that somebody means: ``mastodon.example``, its address, or ``@ada@`` before it.

    Raises BadRequest.
    """
    named = _BEFORE.sub("", written.strip()).partition("/")[0]
    try:
        found = urls.host(named)
    except BadUrl:
        found = ""
    if "." not in found or found.startswith("[") or found.replace(".", "").isdigit():
        raise BadRequest(
            _("Write the name of your server, such as mastodon.social."), field="instance"
        )
    return found


def party(provider: Provider, instance: str) -> Party:
    """How a server is spoken with. Raises BadRequest, SignInFailed."""
    name = host(instance)
    known = db.session.get(Instance, name)
    redirect = oauth.redirect(provider.name, at=name)
    if known is None or known.redirect_uri != redirect:
        known = _register(name, redirect)
    return Party(
        issuer=f"https://{name}",
        authorize=f"https://{name}/oauth/authorize",
        token=f"https://{name}/oauth/token",
        scope=SCOPE,
        client_id=known.client_id,
        client_secret=known.client_secret,
        at=name,
    )


def shown(party: Party, token: Mapping[str, Any], *, nonce: str, trusts_email: bool) -> Shown:  # noqa: ARG001 - it tells none
    """Whom it vouches for. Raises SignInFailed."""
    bearer = oauth.text(token, "access_token")
    said = oauth.ask(
        f"{party.issuer}/api/v1/accounts/verify_credentials", limits=party.limits, bearer=bearer
    )
    number = oauth.text(said, "id", most=255) if isinstance(said, dict) else ""
    if not number:
        raise SignInFailed(_("The server did not say who you are. Please try again."))
    user = profiles.name(said, "username")
    return Shown(
        kind=PassportKind.MASTODON,
        issuer=party.issuer,
        subject=number,
        label=profiles.label(f"@{user}@{party.issuer.removeprefix('https://')}"),
        name=profiles.name(said, "display_name") or user,
        website=profiles.website(said, "url"),
        picture_url=profiles.picture(said, "avatar_static"),
    )


def _register(name: str, redirect: str) -> Instance:
    with oauth.calling(oauth.STRANGERS):
        said = oauth.tell(
            f"https://{name}/api/v1/apps",
            {
                "client_name": "Comments (Afterword)",
                "redirect_uris": redirect,
                "scopes": SCOPE,
                "website": config.public_url(),
            },
            limits=_LIMITS,
        )
    told = said if isinstance(said, dict) else {}
    keys = [oauth.text(told, member, most=300) for member in ("client_id", "client_secret")]
    if not all(keys):
        raise SignInFailed(_("This is no Mastodon server, or it takes no new applications."))
    with transaction() as session:
        if session.query(Instance).count() >= MOST_INSTANCES:
            _forget_one()
        made = Instance(host=name, client_id=keys[0], client_secret=keys[1], redirect_uri=redirect)
        return session.merge(made)


def _forget_one() -> None:
    """Forget the server that is known for the longest time, first of those that nobody came from.

    Whoever owns a domain has servers without end under it, and people on each. None is missed: who
    comes from it after all has it registered anew, and is who they were. Inside a transaction.
    """
    has_people = exists().where(
        Passport.kind == PassportKind.MASTODON, Passport.issuer == "https://" + Instance.host
    )
    oldest = select(Instance).order_by(has_people, Instance.created, Instance.host).limit(1)
    db.session.delete(db.session.scalars(oldest).one())
    db.session.flush()
