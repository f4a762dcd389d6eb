"""What an import changes about the site that it fills.

A file says which choices and addresses its site had; a site without comments takes these over. The
owner may add one choice: by which query parameters pages are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from afterword.core import urls
from afterword.core.db import db
from afterword.core.errors import BadUrl
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.models import Origin, Site
from afterword.transfer.record import SiteRecord
from afterword.transfer.report import Report


def from_headers(site: KnownSite, headers: Iterable[SiteRecord], *, report: Report) -> KnownSite:
    """The site as it will be. Worked out first: its choices decide which page an address means."""
    for header in headers:
        site = replace(site, options=_options(site, header, report))
        if header.key == site.key:
            site = replace(site, origins=_origins(site, header, report))
    return site


def from_owner(site: KnownSite, *, keep_query: str) -> KnownSite:
    """The site as it will be, when its pages are told apart by these query parameters."""
    stored = options.change({}, options.written(site.options))
    changed = options.change(stored, {"keep_query": keep_query})
    return replace(site, options=options.of(changed))


def write(site: KnownSite) -> None:
    """Store what ``from_headers`` worked out. Inside the import's transaction."""
    row = db.session.get_one(Site, site.id)
    held = {origin.origin for origin in row.origins}
    row.options = options.change(row.options, options.written(site.options))
    row.origins += [
        Origin(origin=origin, host=urls.host_of(origin))
        for origin in site.origins
        if origin not in held
    ]
    row.version += 1


def _options(site: KnownSite, header: SiteRecord, report: Report) -> options.Options:
    stored = options.change({}, options.written(site.options))
    for name, value in header.options.items():
        if name == "name" and not value:
            continue  # an owner who named the new site meant it
        if name in options.STAYING:
            report.warn(f"the site's option {name} was left out (only its owner sets it)")
            continue
        try:
            stored = options.change(stored, {name: str(value)})
        except options.WrongOption as refusal:
            report.warn(f"the site's option was left out ({refusal})")
    return options.of(stored)


def _origins(site: KnownSite, header: SiteRecord, report: Report) -> tuple[str, ...]:
    origins = list(site.origins)
    hosts = {urls.host_of(origin) for origin in origins}
    for written in header.origins:
        try:
            origin, host = urls.origin_of(written), urls.host_of(written)
        except BadUrl:
            report.warn(f"the site's address {written!r} was left out (it is not usable)")
            continue
        if host in hosts:
            continue
        if directory.by_key(host) is not None:
            report.warn(f"the site's address {written!r} was left out (another site has it)")
            continue
        origins.append(origin)
        hosts.add(host)
    return tuple(origins)
