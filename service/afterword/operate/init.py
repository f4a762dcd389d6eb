"""The first site and moderator, by command: what a script does instead of the guided set-up."""

from __future__ import annotations

from afterword.identity import moderators
from afterword.sites import changes
from afterword.sites.directory import KnownSite


def site(origin: str, *, name: str = "") -> KnownSite:
    """Make the site, or find it made. Raises BadUrl."""
    return changes.add(origin, name=name)


def moderator(email: str, *, password: str) -> bool:
    """Make the moderator; False when there is one with this address, whose password stays.

    Raises BadEmail, BadRequest.
    """
    if moderators.find(email) is not None:
        return False
    moderators.add(email, password=password)
    return True
