"""Finding the site that a page or an origin belongs to, from memory.

Every request needs its site, and sites change a few times a year: they are kept for a second, so
that a change by the command line or another process is seen within one.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from afterword.core import config, signing, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl, UnknownSite
from afterword.sites import options
from afterword.sites.models import Site
from afterword.sites.options import Options

FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class KnownSite:
    """A site as the rest of the service sees it: values, tied to no session."""

    id: int
    key: str
    stamp: str  # names these very choices, among all that the site ever had
    options: Options
    origins: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it: its name, else its address."""
        return self.options.name or self.key

    def page_key(self, url: str, page: str | None = None) -> str:
        """The key of a page of this site: from its own id when it says one, else from its URL."""
        if page:
            return urls.page_id_key(page)
        return urls.page_key(url, kept=self.options.kept)


@dataclass(frozen=True)
class _Snapshot:
    by_host: Mapping[str, KnownSite]
    by_key: Mapping[str, KnownSite]
    taken: float
    generation: int  # the same as long as nothing about any site changed

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.taken < FRESH_SECONDS


_lock = threading.Lock()
_generations = itertools.count()
_snapshots: dict[str, _Snapshot] = {}  # by database, so that tests and commands do not mix


def of_url(url: str) -> KnownSite:
    """The site that a page's URL belongs to. Raises BadUrl, UnknownSite."""
    host = urls.host_of(url)
    site = _snapshot().by_host.get(host)
    if site is None:
        raise UnknownSite(
            f"Comments are not set up for this address yet. Its owner can allow it with the "
            f"command: afterword sites add {urls.origin_of(url)}"
        )
    return site


def by_key(key: str) -> KnownSite | None:
    """The site with this key, or that one of its origins names."""
    known = _snapshot().by_key.get(key)
    if known is not None:
        return known
    try:
        return _snapshot().by_host.get(urls.host_of(key))
    except BadUrl:
        return None


def by_id(site_id: int) -> KnownSite:
    """The site of a row that belongs to one. Raises KeyError when it was removed."""
    return next(site for site in every() if site.id == site_id)


def every() -> list[KnownSite]:
    """All sites, by key."""
    return sorted(_snapshot().by_key.values(), key=lambda site: site.key)


def allows(site: KnownSite, origin: str) -> bool:
    """Whether a browser page of this origin may write to the site."""
    try:
        return _snapshot().by_host.get(urls.host_of(origin)) == site
    except BadUrl:
        return False


def generation() -> int:
    """A number that changes when anything about any site did: what is kept per site hangs on it."""
    return _snapshot().generation


def known_generation(database: str) -> int | None:
    """``generation`` of a database's sites without a look at it; None when the look is too old."""
    kept = _snapshots.get(database)
    return kept.generation if kept is not None and kept.is_fresh else None


def forget() -> None:
    """Read the sites anew at the next look: called after a change in this process."""
    with _lock:
        _snapshots.clear()


def _snapshot() -> _Snapshot:
    where = config.current().database
    kept = _snapshots.get(where)
    if kept is not None and kept.is_fresh:
        return kept
    taken = time.monotonic()
    rows = db.session.scalars(select(Site).options(selectinload(Site.origins)))
    sites = [(_known(row), [origin.host for origin in row.origins]) for row in rows]
    by_host = {host: site for site, hosts in sites for host in hosts}
    fresh = _Snapshot(
        by_host=by_host,
        by_key={site.key: site for site, _ in sites},
        taken=taken,
        generation=kept.generation if kept and kept.by_host == by_host else next(_generations),
    )
    with _lock:
        _snapshots[where] = fresh
    return fresh


def _known(row: Site) -> KnownSite:
    return KnownSite(
        id=row.id,
        key=row.key,
        stamp=_stamp(row),
        options=options.of(row.options),
        origins=tuple(origin.origin for origin in row.origins),
    )


def _stamp(row: Site) -> str:
    # It is in what everybody is sent: a secret that goes into it could be guessed by trying.
    said = {name: value for name, value in row.options.items() if name not in options.SECRET}
    # What readers are offered hangs on a mail server too, and bytes outlive a restart.
    can_mail = config.current().smtp_url is not None
    return signing.digest(f"{row.key} {row.version} {said} {can_mail}")[:12]
