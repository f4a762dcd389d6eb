"""Who moderates what: invited, changed and removed, each with its line in the log."""

from __future__ import annotations

import datetime as dt
from typing import Final

from afterword.core import i18n
from afterword.core.db import transaction
from afterword.identity import moderators
from afterword.identity.models import Moderator
from afterword.jobs import queue
from afterword.moderation import audit
from afterword.moderation.scope import Scope
from afterword.sites import directory

# Who is invited may be away for the weekend.
LINK_LIFE: Final = dt.timedelta(days=3)


def invite(email: str, *, sites: Scope, by: str, name: str = "") -> Moderator:
    """Make a moderator of these sites, or an owner; they come in by a link.

    Raises BadEmail; Conflict for an address that is one.
    """
    with transaction():
        moderator = moderators.appoint(email, name=name, sites=sites)
        audit.note("invite", by=by, note=_said(moderator))
    return moderator


def assign(moderator: Moderator, sites: Scope, *, by: str) -> None:
    """Let a moderator decide over these sites, or own everything. Raises Conflict: last owner."""
    with transaction():
        moderators.assign(moderator, sites)
        audit.note("assign", by=by, note=_said(moderator))


def remove(moderator: Moderator, *, by: str) -> None:
    """Take a moderator's access away at once. Raises Conflict for the last owner."""
    with transaction():
        moderators.dismiss(moderator)
        audit.note("dismiss", by=by, note=moderator.email)


def mail_link(moderator: Moderator, *, by: str) -> None:
    """Let a moderator be mailed the link by which they come in; ``by`` is the name of who asks."""
    with transaction():
        queue.add(
            "invitation",
            {"moderator_id": moderator.id, "by": by, "language": i18n.language().code},
        )


def make_link(moderator: Moderator) -> str:
    """The token of that link, for who hands it over otherwise."""
    with transaction():
        return moderators.new_link(moderator, life=LINK_LIFE)


def named_sites(moderator: Moderator) -> list[str]:
    """What the sites of a moderator who is no owner are called."""
    held = {post.site_id for post in moderator.posts}
    return [site.name for site in directory.every() if site.id in held]


def _said(moderator: Moderator) -> str:
    if moderator.is_owner:
        return f"{moderator.email}: owner"
    return f"{moderator.email}: moderator of {', '.join(named_sites(moderator)) or 'no site'}"
