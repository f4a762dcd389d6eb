"""Speaking OAuth 2 with a provider, by authlib, through the one door out (``core.fetch``)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from afterword.core import config, fetch
from afterword.core.db import db
from afterword.core.errors import NotReady, SignInFailed
from afterword.core.fetch import Answer, Limits, Unreachable
from afterword.core.i18n import _
from afterword.markup import plain

_SECONDS: Final = 8.0
_MOST: Final = 256 * 1024
_JSON: Final = {"Accept": "application/json"}
ROOM_AGAIN: Final = 5  # seconds
# How many may wait at a time for those whom an owner has set up, and for those whom visitors name.
CHOSEN: Final = threading.BoundedSemaphore(2)
STRANGERS: Final = threading.BoundedSemaphore(1)
_caller = threading.local()


@dataclass(frozen=True, kw_only=True)
class Party:
    """Where a provider is spoken with, and as whom."""

    issuer: str
    authorize: str
    token: str
    scope: str
    client_id: str
    client_secret: str = field(repr=False)
    method: str = "client_secret_post"
    about: Mapping[str, Any] = field(default_factory=dict)  # what else it says of itself
    # Which of many servers it is, where whoever runs one could send people on to another: each has
    # an address of its own to which they come back (mix-up, RFC 9700, 4.4).
    at: str = ""
    inside: frozenset[str] = frozenset()  # hosts of the owner's own network, see ``core.fetch``

    @property
    def limits(self) -> Limits:
        """How far calls to it go."""
        return Limits(seconds=_SECONDS, most=_MOST, inside=self.inside)


def redirect(name: str, *, at: str = "") -> str:
    """Where a provider sends people back to, of many servers the one ``at`` a host."""
    return f"{config.public_url()}/auth/{name}/{f'{at}/' if at else ''}callback"


@dataclass(frozen=True, kw_only=True)
class Trip:
    """What goes with somebody to a provider, and has to come back with them."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    redirect: str


@contextmanager
def calling(room: threading.BoundedSemaphore) -> Iterator[None]:
    """Speak with a provider, in its room: each call holds a thread of those that take comments.

    No connection of ours waits meanwhile. Whoever speaks already goes on. Raises NotReady at once
    where there is no room.
    """
    db.session.commit()
    if getattr(_caller, "speaks", False):
        yield
        return
    if not room.acquire(blocking=False):
        raise NotReady(
            _("Others are signing in right now. Please try again in a few seconds."),
            retry_after=ROOM_AGAIN,
        )
    _caller.speaks = True
    try:
        yield
    finally:
        _caller.speaks = False
        room.release()


def address(party: Party, trip: Trip) -> str:
    """Where a browser goes to sign in."""
    url, _ = _client(party, trip).create_authorization_url(
        party.authorize, state=trip.state, code_verifier=trip.verifier, nonce=trip.nonce
    )
    return str(url)


def token(party: Party, trip: Trip, *, code: str) -> Mapping[str, Any]:
    """What a provider gives for the code that came back. Raises SignInFailed."""
    from authlib.common.errors import AuthlibBaseError

    try:
        given = _client(party, trip).fetch_token(
            party.token, code=code, code_verifier=trip.verifier, grant_type="authorization_code"
        )
    except (AuthlibBaseError, ValueError, _Refused):
        raise SignInFailed(
            _("The provider did not accept this sign-in. Please try again.")
        ) from None
    if not isinstance(given.get("access_token"), str):
        raise SignInFailed(_("The provider did not accept this sign-in. Please try again."))
    return dict(given)


def ask(url: str, *, limits: Limits, bearer: str | None = None) -> Any:
    """What is at an address, read as JSON. Raises SignInFailed."""
    said = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        answer = fetch.get(url, headers={**_JSON, **said}, limits=limits)
        return _Response(answer).checked()
    except (Unreachable, ValueError, _Refused):
        raise unreachable() from None


def tell(url: str, body: Mapping[str, str], *, limits: Limits) -> Any:
    """What an address answers to a form, read as JSON. Raises SignInFailed."""
    form = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = fetch.post(url, urlencode(body).encode(), headers=form, limits=limits)
        return _Response(answer).checked()
    except (Unreachable, ValueError, _Refused):
        raise unreachable() from None


def text(said: Mapping[str, Any], name: str, *, most: int = 1000) -> str:
    """A member that should be text, and text that can be stored; empty for anything else."""
    value = said.get(name)
    if isinstance(value, str) and len(value) <= most and plain.is_storable(value):
        return value
    return ""


def unreachable() -> SignInFailed:
    """What is said of a provider that gives no answer of use."""
    return SignInFailed(
        _("The provider could not be reached, or gave no answer. Please try again.")
    )


class _Refused(Exception):
    """An answer that is none."""


class _Response:
    """An answer in the words that authlib asks for it."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self.status_code = answer, answer.status

    def json(self) -> Any:
        try:
            return json.loads(self._answer.body)
        except RecursionError:
            raise ValueError("nested too deep") from None

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise _Refused

    def checked(self) -> Any:
        # A redirect is no answer: where it leads we have not been told to go.
        if not 200 <= self.status_code < 300:
            raise _Refused
        return self.json()


class _Session:
    """What authlib speaks through."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any, **_: Any
    ) -> _Response:
        url, said, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        try:
            return _Response(fetch.post(url, body.encode(), headers=said, limits=self._limits))
        except Unreachable:
            raise unreachable() from None


def _client(party: Party, trip: Trip) -> Any:
    from authlib.oauth2 import OAuth2Client  # a third of a second: only who signs in pays it

    return OAuth2Client(
        _Session(party.limits),
        client_id=party.client_id,
        client_secret=party.client_secret,
        token_endpoint_auth_method=party.method,
        scope=party.scope,
        redirect_uri=trip.redirect,
        code_challenge_method="S256",
    )
