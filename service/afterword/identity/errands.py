"""The way of somebody to a provider and back, to the very window from which they went.

No cookie remembers them: the window keeps a secret in its own storage, and shows it when it is
back. Who is lured to the end of somebody else's way (log-in CSRF) has none.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete

from afterword.core import clock, registry, signing
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, SignInFailed
from afterword.core.i18n import _
from afterword.identity import oauth
from afterword.identity.accounts import Shown
from afterword.identity.handovers import Waiting
from afterword.identity.models import Errand
from afterword.identity.oauth import Party, Trip
from afterword.sites import providers
from afterword.sites.models import Provider, ProviderKind

LIFE: Final = dt.timedelta(minutes=15)
# The kinds there are, and the module of each: ``party`` and ``shown``.
PROVIDERS: Final = {
    ProviderKind.GITHUB: "afterword.identity.providers.github",
    ProviderKind.GOOGLE: "afterword.identity.providers.google",
    ProviderKind.GITLAB: "afterword.identity.providers.gitlab",
    ProviderKind.MASTODON: "afterword.identity.providers.mastodon",
    ProviderKind.OIDC: "afterword.identity.providers.oidc",
}
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, kw_only=True)
class Back:
    """What came back with somebody, as their browser says it."""

    provider: str
    state: str
    browser: str  # the secret of the window
    code: str = ""
    issuer: str | None = None  # RFC 9207
    error: str = ""
    at: str = ""  # the server, as the address to which they came back says it


@dataclass(frozen=True)
class Arrived:
    """Who has come back, and what for."""

    shown: Shown
    waiting: Waiting | None  # the page that waits for it
    account_id: str | None  # whose profile it is to be joined to


def begin(
    name: str,
    *,
    browser_hash: str,
    instance: str = "",
    waiting: Waiting | None = None,
    account_id: str | None = None,
) -> str:
    """Where a browser goes to sign in. Raises BadRequest, NotFound, SignInFailed, NotReady."""
    if not _DIGEST.match(browser_hash):
        raise BadRequest(_("This window said not how it is known."))
    provider = providers.find(name)
    party = _party(provider, instance)
    trip = Trip(
        state=signing.new_secret(),
        nonce=signing.new_secret(),
        verifier=signing.new_secret(),
        redirect=oauth.redirect(provider.name, at=party.at),
    )
    with transaction() as session:
        session.execute(
            delete(Errand)
            .where(Errand.created < clock.now() - LIFE)
            .execution_options(synchronize_session=False)
        )
        session.add(
            Errand(
                state_hash=signing.digest(trip.state),
                provider=provider.name,
                issuer=party.issuer,
                nonce=trip.nonce,
                verifier=trip.verifier,
                browser_hash=browser_hash,
                site_id=waiting.site_id if waiting else None,
                origin=waiting.origin if waiting else None,
                challenge=waiting.challenge if waiting else None,
                account_id=account_id,
            )
        )
    return oauth.address(party, trip)


def finish(back: Back) -> Arrived:
    """Who has come back. The way is used up by it, whatever comes out. Raises SignInFailed.

    NotReady, where they may come once more.
    """
    is_strange = providers.find(back.provider).kind is ProviderKind.MASTODON
    with oauth.calling(oauth.STRANGERS if is_strange else oauth.CHOSEN):
        return _finish(back)


def _finish(back: Back) -> Arrived:
    errand = _taken(back)
    if back.error:
        raise SignInFailed(
            _("You did not agree there, or the provider would not. You are not signed in.")
        )
    provider = providers.find(back.provider)
    party = _party(provider, errand.issuer.removeprefix("https://"))
    _check_issuer(back, errand, party)
    trip = Trip(
        state=back.state,
        nonce=errand.nonce,
        verifier=errand.verifier,
        redirect=oauth.redirect(provider.name, at=party.at),
    )
    if not back.code:
        raise SignInFailed(_("The provider gave no answer. Please try again."))
    db.session.commit()  # no connection of ours waits with the provider
    token = oauth.token(party, trip, code=back.code)
    shown = registry.load(f"{PROVIDERS[provider.kind]}:shown")(
        party, token, nonce=errand.nonce, trusts_email=provider.trusts_email
    )
    waiting = (
        Waiting(errand.site_id, errand.origin, errand.challenge)
        if errand.site_id is not None and errand.origin and errand.challenge
        else None
    )
    return Arrived(shown, waiting, errand.account_id)


def _taken(back: Back) -> Errand:
    with transaction() as session:
        errand = session.get(
            Errand, signing.digest(back.state), populate_existing=True, with_for_update=True
        )
        if errand is not None:
            session.delete(errand)
    is_good = (
        errand is not None
        and errand.created > clock.now() - LIFE
        and errand.provider == back.provider
        and signing.same(errand.browser_hash, signing.digest(back.browser))
    )
    if errand is None or not is_good:
        raise SignInFailed(
            _("This sign-in is too old, or began in another window. Please try again.")
        )
    return errand


def _check_issuer(back: Back, errand: Errand, party: Party) -> None:
    """That who answers is whom we sent them to (mix-up, RFC 9207)."""
    must_say = party.about.get("names_itself") is True
    names = {party.issuer, party.about.get("answers_as", party.issuer)}
    is_other = back.at != party.at or back.issuer not in {None, *names}
    if errand.issuer != party.issuer or is_other or (must_say and back.issuer is None):
        raise SignInFailed(_("Another provider answered than the one that was asked."))


def _party(provider: Provider, instance: str) -> Party:
    found: Party = registry.load(f"{PROVIDERS[provider.kind]}:party")(provider, instance)
    return found
