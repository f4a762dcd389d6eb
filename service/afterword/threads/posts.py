"""The address of a post on the fediverse, and where its server tells what was answered to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.core.i18n import _

# As Mastodon writes it to readers and to other servers, GoToSocial, and Pleroma with its kin.
_PATH: Final = re.compile(
    r"/(?:@[^/]+|@[^/]+/statuses|users/[^/]+/statuses|notice)/(?P<id>[A-Za-z0-9]{1,64})/?"
)


@dataclass(frozen=True)
class Post:
    """A post on its server. ``address`` is the one spelling of it."""

    address: str
    origin: str
    id: str

    @property
    def host(self) -> str:
        """Its server's."""
        return urls.host_of(self.origin)

    @property
    def replies(self) -> str:
        """Where its server tells what stands around it in its conversation (Mastodon's API)."""
        return f"{self.status(self.id)}/context"

    def status(self, id: str) -> str:
        """Where its server tells of one post that it knows by this id."""
        return f"{self.origin}/api/v1/statuses/{id}"


def read(address: str) -> Post:
    """The post at an address. Raises BadUrl."""
    try:
        parts = urls.split(address.strip())
    except BadUrl:
        raise _wrong() from None
    found = _PATH.fullmatch(parts.path)
    if parts.scheme != "https" or found is None or len(address) > urls.MAX_LENGTH:
        raise _wrong()
    return Post(parts.origin + parts.path.rstrip("/"), parts.origin, found["id"])


def _wrong() -> BadUrl:
    return BadUrl(
        _("A post's address looks like https://mastodon.example/@you/112233445566778899."),
        field="post",
    )
