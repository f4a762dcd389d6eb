"""Which page of the site an address in a file means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.sites.directory import KnownSite
from afterword.threads import pages
from afterword.transfer import copies
from afterword.transfer.rules import Rules

MOST_KEY = 2100
FOREIGN = "foreign_host"
NO_ADDRESS = "no_address"
# What systems use for a page's id, ``post:7``, is none.
_HOST_AND_PORT = re.compile(r"(?:localhost|[^/:?#]+\.[^/:?#]+):[0-9]+(?:[/?#]|$)", re.I)

# A page as a file names it: by an address, perhaps by an id, perhaps by a key of ours.
Asked = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of the file goes: a page's key and address."""

    key: str
    url: str


class Places:
    """The site's pages by the addresses of the file.

    An address is followed through the owner's rules, then out of the copies that proxies and
    archives make of a page, then from an old origin (``site_origins``) to the site's first. One
    that is only a path is a path of the site.
    """

    def __init__(
        self, site: KnownSite, *, site_origins: Sequence[str] = (), rules: Rules | None = None
    ) -> None:
        self._site = site
        self._hosts = {urls.host_of(origin) for origin in site.origins}
        self._here = urls.host_of(site.origins[0])
        self._moved = {urls.host_of(origin) for origin in site_origins}
        self._rules = rules or Rules()
        self._known: dict[Asked, Place | str] = {}

    def find(self, *asked: *Asked) -> Place | str:
        """The place of a page; else the reason why it has none here."""
        if asked not in self._known:
            self.learn([asked])
        return self._known[asked]

    def learn(self, some: Iterable[Asked]) -> None:
        """Work out the places of several, which costs the database one question."""
        new = {asked: self._worked_out(*asked) for asked in {*some} - self._known.keys()}
        keys = {place.key for place in new.values() if isinstance(place, Place)}
        there = pages.by_key(self._site.id, keys)
        for asked, place in new.items():
            self._known[asked] = place
            if isinstance(place, Place) and place.key in there:  # perhaps it moved from there
                self._known[asked] = replace(place, key=there[place.key].key)

    def rehosted(self, key: str) -> str:
        """A page's key with this site's host where it has one that moved."""
        host, slash, path = key.partition("/")
        return f"{self._here}/{path}" if slash and host in self._moved else key

    def address(self, url: str) -> str | None:
        """An address that a page had, at this site's host where its own moved; None for none."""
        try:
            address = urls.clean_url(url)
        except BadUrl:
            return None
        return self._here_if_moved(address)

    def own_address(self, url: str) -> str | None:
        """The same for an address that shall be one of this site; None for any other."""
        address = self.address(url)
        return address if address and urls.host_of(address) in self._hosts else None

    def foreign(self, url: str) -> str:
        """The host of an address that is none of this site's."""
        return urls.host_of(self._absolute(url))

    def _worked_out(self, url: str, page_id: str | None, key: str | None) -> Place | str:
        try:
            address = urls.clean_url(self._absolute(url))
            host = urls.host_of(address)
            if host not in self._moved | self._hosts:
                return FOREIGN
            address = self._here_if_moved(address)
            if key is None or page_id is not None or not 0 < len(key) <= MOST_KEY:
                key = self._site.page_key(address, page_id)
            else:
                key = self.rehosted(key)
        except BadUrl:
            return NO_ADDRESS
        return Place(key, address)

    def _here_if_moved(self, address: str) -> str:
        if urls.host_of(address) not in self._moved:
            return address
        return self._site.origins[0] + address.removeprefix(urls.origin_of(address))

    def _absolute(self, url: str) -> str:
        address = self._rules.follow(url.strip())
        # What people typed into their systems holds blanks; browsers write them so.
        address = quote(address, safe="%/:?#[]@!$&'()*+,;=-._~") if " " in address else address
        if self._begins_with_host(address):
            address = f"https://{address.lstrip('/')}"
        elif address.startswith("/"):
            address = f"{self._site.origins[0]}/{address.lstrip('/')}"
        return copies.original(address)

    def _begins_with_host(self, address: str) -> bool:
        """Whether an address lacks no more than its scheme, with or without the slashes behind.

        Importers put a slash before what may be a path, so one before it says nothing. What has
        neither dot nor port may be a folder of the name of a host.
        """
        if _HOST_AND_PORT.match(address):
            return True
        host = address.removeprefix("/").removeprefix("/").partition("/")[0].lower()
        is_path = address.startswith("/") and not address.startswith("//")
        if is_path and not {".", ":"} & set(host):
            return False
        return host in self._hosts | self._moved
