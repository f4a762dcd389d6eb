"""Changes to sites: which origins they hold and what their owners chose.

``NAME_within`` is the same inside a transaction, whose end has to be followed by
``directory.forget``.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from afterword.core import urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl, NotFound
from afterword.core.i18n import _
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.models import Origin, Site


def add(origin: str, *, to: int | None = None, name: str = "") -> KnownSite:
    """Allow an origin: as a new site, or for the site with id ``to``.

    An origin that is allowed already stays where it is. Raises BadUrl, NotFound.
    """
    with transaction():
        add_within(origin, to=to, name=name)
    directory.forget()
    return directory.of_url(origin)


def add_within(origin: str, *, to: int | None = None, name: str = "") -> Origin | None:
    """Answers the origin where it was not there yet."""
    origin, host = urls.origin_of(origin), urls.host_of(origin)
    if db.session.scalar(select(Origin).where(Origin.host == host)) is not None:
        return None
    site = find_within(to) if to else Site(key=host, origins=[], version=0)
    if name:
        site.options = options.change(site.options or {}, {"name": name})
    added = Origin(origin=origin, host=host)
    site.origins.append(added)
    site.version += 1
    db.session.add(site)
    return added


def drop_origin(site_id: int, origin: str) -> None:
    """Stop allowing an origin. Raises BadUrl for the last: a site without any is unreachable."""
    with transaction():
        drop_within(site_id, origin)
    directory.forget()


def drop_within(site_id: int, origin: str) -> Origin | None:
    """Answers the origin where it was there."""
    host = urls.host_of(origin)
    site = find_within(site_id)
    left = [held for held in site.origins if held.host != host]
    if not left:
        raise BadUrl(_("A site needs at least one address."))
    gone = [held for held in site.origins if held.host == host]
    site.origins[:] = left
    site.version += 1
    return gone[0] if gone else None


def remove(site_id: int) -> None:
    """Remove a site with everything in it. Raises NotFound."""
    with transaction():
        remove_within(site_id)
    directory.forget()


def remove_within(site_id: int) -> None:
    """Raises NotFound."""
    db.session.delete(find_within(site_id))


def choose(site_id: int, written: Mapping[str, str]) -> KnownSite:
    """Change options as typed by the owner. Raises options.WrongOption, NotFound."""
    with transaction():
        choose_within(site_id, written)
    directory.forget()
    return directory.by_id(site_id)


def choose_within(site_id: int, written: Mapping[str, str]) -> Site:
    """Answers the site as it is then."""
    site = find_within(site_id)
    site.options = options.change(site.options, written)
    site.version += 1
    return site


def find_within(site_id: int) -> Site:
    """The row of a site. Raises NotFound."""
    site = db.session.get(Site, site_id)
    if site is None:
        raise NotFound(_("There is no such site."))
    return site
