"""Who acts on a comment that stands already."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core.errors import Banned
from afterword.identity import authors
from afterword.identity.models import Author
from afterword.moderation import bans
from afterword.posting.context import Sender
from afterword.spam import networks

UNKNOWN = Sender()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """By the secret of their browser or by their account, and by where they come from."""

    token: str | None = None
    sender: Sender = UNKNOWN
    account_id: str | None = None  # whom they have just shown to be, on our own page


def admit(reader: Reader, *, site_id: int) -> Author | None:
    """The author whom the site knows this reader as, if any. Raises Banned."""
    author = authors.find(reader.token, site_id=site_id)
    who = bans.Who(
        site_id=site_id,
        author_id=author.id if author else None,
        networks=networks.pseudonyms(reader.sender.address),
        address=reader.sender.address,
    )
    ban = bans.find(who)
    if ban is not None:
        raise Banned(bans.told(ban))
    return author
