"""Changes to sites: which origins they hold and what their owners chose."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from afterword.core import urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl, NotFound
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.models import Origin, Site


def add(origin: str, *, to: int | None = None, name: str = "") -> KnownSite:
    """Allow an origin: as a new site, or for the site with id ``to``.

    An origin that is allowed already stays where it is. Raises BadUrl, NotFound.
    """
    origin, host = urls.origin_of(origin), urls.host_of(origin)
    with transaction() as session:
        if session.scalar(select(Origin).where(Origin.host == host)) is None:
            site = _site(to) if to else Site(key=host, origins=[], version=0)
            if name:
                site.options = options.change(site.options or {}, {"name": name})
            site.origins.append(Origin(origin=origin, host=host))
            site.version += 1
            session.add(site)
    directory.forget()
    return directory.of_url(origin)


def drop_origin(site_id: int, origin: str) -> None:
    """Stop allowing an origin. Raises BadUrl for the last: a site without any is unreachable."""
    host = urls.host_of(origin)
    with transaction():
        site = _site(site_id)
        left = [held for held in site.origins if held.host != host]
        if not left:
            raise BadUrl("A site needs at least one address.")
        site.origins[:] = left
        site.version += 1
    directory.forget()


def remove(site_id: int) -> None:
    """Remove a site with everything in it. Raises NotFound."""
    with transaction() as session:
        session.delete(_site(site_id))
    directory.forget()


def choose(site_id: int, written: Mapping[str, str]) -> KnownSite:
    """Change options as typed by the owner. Raises options.WrongOption, NotFound."""
    with transaction():
        site = _site(site_id)
        site.options = options.change(site.options, written)
        site.version += 1
    directory.forget()
    return directory.by_id(site_id)


def _site(site_id: int) -> Site:
    site = db.session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site.")
    return site
