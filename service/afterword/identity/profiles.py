"""What providers say of somebody, as far as it is of use here: cleaned, and nothing invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterword.core import urls
from afterword.core.errors import BadUrl, Problem
from afterword.identity import oauth
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind
from afterword.markup import links, plain


def of_claims(
    said: Mapping[str, Any], *, kind: PassportKind, issuer: str, trusts_email: bool
) -> Shown:
    """Somebody as OpenID Connect describes them (Core, 5.1)."""
    called = next(
        (found for one in ("name", "preferred_username", "nickname") if (found := name(said, one))),
        "",
    )
    address = email(said, "email") if said.get("email_verified") is True else None
    return Shown(
        kind=kind,
        issuer=issuer,
        subject=oauth.text(said, "sub", most=255),
        label=label(address or name(said, "preferred_username") or called or "an account"),
        email=address if trusts_email else None,
        name=called,
        picture_url=picture(said, "picture"),
    )


def name(said: Mapping[str, Any], member: str) -> str:
    """A member as an author's name; empty where it cannot be one."""
    try:
        return plain.short_name(oauth.text(said, member))
    except Problem:
        return ""


def label(text: str) -> str:
    """What somebody knows a passport by, on one line."""
    return (plain.title(text) or "an account")[:254]


def email(said: Mapping[str, Any], member: str) -> str | None:
    """A member as an address; None where it is none."""
    try:
        return plain.email(oauth.text(said, member, most=254))
    except Problem:
        return None


def website(said: Mapping[str, Any], member: str) -> str | None:
    """A member as an author's website; None where it cannot be one."""
    try:
        return links.website(oauth.text(said, member))
    except Problem:
        return None


def picture(said: Mapping[str, Any], member: str) -> str | None:
    """A member as the address of a picture; None where it is none."""
    url = oauth.text(said, member)
    try:
        return url if urls.split(url).scheme == "https" else None
    except BadUrl:
        return None
