"""Finding the site that a page or an origin belongs to, from memory.

Every request needs its site, and sites change a few times a year: they are kept for a second, so
that a change by the command line or another process is seen within one.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from afterword.core import changes, config, signing, urls
from afterword.core.db import UNREACHABLE, db
from afterword.core.errors import BadUrl, NotFound, NotReady, UnknownSite
from afterword.core.i18n import _
from afterword.sites import options
from afterword.sites.models import Provider, ProviderKind, Site
from afterword.sites.options import Options, SignIn

FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Way:
    """A way to sign in, as readers see it."""

    name: str
    label: str
    kind: str


@dataclass(frozen=True)
class KnownSite:
    """A site as the rest of the service sees it: values, tied to no session."""

    id: int
    key: str
    stamp: str  # names these very choices, among all that the site ever had
    options: Options
    origins: tuple[str, ...]
    ways: tuple[Way, ...] = ()  # to sign in; none where it is not offered

    @property
    def requires_sign_in(self) -> bool:
        """Whether only those write here who have signed in."""
        return self.options.sign_in is SignIn.REQUIRED

    @property
    def name(self) -> str:
        """What people call it: its name, else its address."""
        return self.options.name or self.key

    def page_key(self, url: str, page: str | None = None) -> str:
        """The key of a page of this site: from its own id when it says one, else from its URL."""
        if page:
            return urls.page_id_key(page)
        return urls.page_key(url, kept=self.options.kept)

    def page_url(self, url: str) -> str:
        """The one address for all spellings of a page's URL, at its host's origin here."""
        return self._origin(url) + self.page_key(url).removeprefix(urls.host_of(url))

    def page_link(self, url: str, page: str | None = None) -> str:
        """Where a page is that a visitor names, as they spell it, at its host's origin here.

        What the site does not know of its query is the visitor's and goes. Of a page with an id
        of its own the query says which one is shown, maybe: it stays.
        """
        spelled = urls.clean_url(url) if page else urls.own_url(url, kept=self.options.kept)
        return self._origin(url) + spelled.removeprefix(urls.origin_of(url))

    def _origin(self, url: str) -> str:
        place = urls.host_of(url)
        own = (origin for origin in self.origins if urls.host_of(origin) == place)
        return next(own, urls.origin_of(url))


@dataclass(frozen=True)
class _Snapshot:
    by_host: Mapping[str, KnownSite]
    by_key: Mapping[str, KnownSite]
    taken: float
    generation: int  # the same as long as nothing about any site changed

    @property
    def is_fresh(self) -> bool:
        return self.is_younger(FRESH_SECONDS)

    def is_younger(self, seconds: float) -> bool:
        return time.monotonic() - self.taken < seconds


_lock = threading.Lock()
_generations = itertools.count()
_snapshots: dict[str, _Snapshot] = {}  # by database, so that tests and commands do not mix
_forgotten = -math.inf  # when, of a clock that only goes on
_LONG: Final = 30.0  # seconds: no request is in one transaction for so long


def of_url(url: str) -> KnownSite:
    """The site that a page's URL belongs to. Raises BadUrl, UnknownSite."""
    host = urls.host_of(url)
    site = _snapshot().by_host.get(host)
    if site is None:
        raise UnknownSite(
            _(
                "Comments are not set up for this address yet. "
                "Its owner can allow it with the command: %(command)s",
                command=f"afterword sites add {urls.origin_of(url)}",
            )
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


def named(key: str) -> KnownSite:
    """The same. Raises NotFound with the keys that there are."""
    known = by_key(key)
    if known is None:
        keys = ", ".join(site.key for site in every()) or "none yet"
        raise NotFound(_("There is no site %(key)s. There are: %(keys)s.", key=key, keys=keys))
    return known


def by_id(site_id: int) -> KnownSite:
    """The site of a row that belongs to one. Raises KeyError when it was removed."""
    found = next((site for site in every() if site.id == site_id), None)
    if found is None:
        raise KeyError(site_id)
    return found


def every() -> list[KnownSite]:
    """All sites, by key."""
    return sorted(_snapshot().by_key.values(), key=lambda site: site.key)


def allows(site: KnownSite, origin: str) -> bool:
    """Whether a browser page of this origin may write to the site."""
    try:
        found = _snapshot().by_host.get(urls.host_of(origin))
    except BadUrl:
        return False
    return found is not None and found.id == site.id


def generation() -> int:
    """A number that changes when anything about any site did: what is kept per site hangs on it."""
    return _snapshot().generation


def known_generation(database: str) -> int | None:
    """``generation`` of a database's sites without a look at it; None when the look is too old."""
    kept = _snapshots.get(database)
    return kept.generation if kept is not None and kept.is_fresh else None


def forget() -> None:
    """Read the sites anew at the next look: called after a change in this process."""
    global _forgotten  # noqa: PLW0603 - of this process
    with _lock:
        _forgotten = time.monotonic()
        _snapshots.clear()


def _snapshot() -> _Snapshot:
    where = config.current().database
    kept = _snapshots.get(where)
    if kept is not None and kept.is_fresh:
        return kept
    if changes.is_cut_off():
        return _stale(kept)
    taken, forgotten = time.monotonic(), _forgotten
    is_first = not db.session().in_transaction()
    try:
        asked = select(Site).options(selectinload(Site.origins))
        rows = db.session.scalars(asked.execution_options(populate_existing=True)).all()
        ways = _ways()
    except UNREACHABLE as error:
        if not is_first:  # what was begun must fail with it
            raise
        db.session.rollback()
        return _stale(kept, why=error)
    sites = [(_known(row, ways), [origin.host for origin in row.origins]) for row in rows]
    by_host = {host: site for site, hosts in sites for host in hosts}
    fresh = _Snapshot(
        by_host=by_host,
        by_key={site.key: site for site, _ in sites},
        taken=taken,
        generation=kept.generation if kept and kept.by_host == by_host else next(_generations),
    )
    # What was read before a change is for this caller alone; in a transaction of SQLite's that was
    # open then, all that is read may be.
    if is_first or db.engine.dialect.name != "sqlite" or taken - forgotten > _LONG:
        with _lock:
            if forgotten == _forgotten:
                _snapshots[where] = fresh
    return fresh


def _stale(kept: _Snapshot | None, *, why: Exception | None = None) -> _Snapshot:
    """The last look while there is no database for another one. Raises NotReady."""
    if kept is None or not kept.is_younger(config.current().most_stale_seconds):
        raise why or NotReady(_("The comments are not reachable right now."), retry_after=5)
    return kept


def _known(row: Site, ways: tuple[Way, ...]) -> KnownSite:
    chosen = options.of(row.options)
    offered = _offered(chosen, ways)
    return KnownSite(
        id=row.id,
        key=row.key,
        stamp=_stamp(row, offered),
        options=chosen,
        origins=tuple(origin.origin for origin in row.origins),
        ways=offered,
    )


def _ways() -> tuple[Way, ...]:
    """Those that are set up for the whole service, providers before what needs none."""
    order = list(ProviderKind)
    rows = db.session.scalars(select(Provider).order_by(Provider.label))
    return tuple(
        Way(row.name, row.label, row.kind.value)
        for row in sorted(rows, key=lambda row: order.index(row.kind))
    )


def _offered(chosen: Options, ways: tuple[Way, ...]) -> tuple[Way, ...]:
    if chosen.sign_in is SignIn.OFF or (chosen.sign_in is SignIn.AUTO and not ways):
        return ()
    by_mail = (Way("email", "E-mail", "email"),) if config.current().smtp_url else ()
    return (*ways, *by_mail)


def _stamp(row: Site, ways: tuple[Way, ...] = ()) -> str:
    # It is in what everybody is sent: a secret that goes into it could be guessed by trying.
    said = {name: value for name, value in row.options.items() if name not in options.SECRET}
    # What readers are offered hangs on a mail server and on providers too, and bytes outlive a
    # restart.
    can_mail = config.current().smtp_url is not None
    return signing.digest(f"{row.key} {row.version} {said} {can_mail} {ways}")[:12]
