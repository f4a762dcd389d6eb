"""One import: read the whole file, plan, write all of it in one transaction or nothing."""

from __future__ import annotations

import zlib

from sqlalchemy import exists, select

from afterword.core import registry
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl
from afterword.sites import changes
from afterword.sites.directory import KnownSite
from afterword.threads import counts
from afterword.threads.models import Comment
from afterword.transfer import formats
from afterword.transfer.plan import Plan
from afterword.transfer.record import BadFile, Importer, SiteRecord
from afterword.transfer.report import Report
from afterword.transfer.write import Writer

MOST_BYTES = 1024 * 1024 * 1024


def run(
    format_name: str,
    content: bytes,
    *,
    site: KnownSite,
    site_origin: str | None = None,
    dry_run: bool = False,
) -> Report:
    """Bring the comments of a file into a site. Raises BadFile, and then nothing is written.

    No check judges them, no limit counts them, nobody is notified; their HTML passes the same
    gates as everyone's. Run again, it adds nothing twice.
    """
    content = _unpacked(content)
    importer = _importer(format_name, content)
    records = list(importer.records(content))
    report = Report(importer.name)
    plan = Plan(records, site=site, site_origin=site_origin, report=report)
    with transaction() as session:
        was_empty = not _has_comments(site)
        for page_id in Writer(plan, site=site, report=report).write():
            counts.recount(page_id)
        if dry_run:
            session.rollback()  # everything was tried, nothing stays
    if was_empty and not dry_run:
        _take_over(site, [record for record in records if isinstance(record, SiteRecord)])
    return report


def _importer(format_name: str, content: bytes) -> Importer:
    if format_name != "auto":
        importer: Importer = registry.load(formats.IMPORTERS[format_name])()
        return importer
    for dotted in formats.IMPORTERS.values():
        importer = registry.load(dotted)()
        if importer.detects(content[:4096]):
            return importer
    known = ", ".join(formats.IMPORTERS)
    raise BadFile(f"The file is of no format that is known here. There are: {known}.")


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(content, MOST_BYTES)
    except zlib.error:
        raise BadFile("The file is damaged: it cannot be unpacked.") from None
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise BadFile("The file is cut off, or unpacks to more than 1 GiB.")
    return unpacked


def _has_comments(site: KnownSite) -> bool:
    return bool(db.session.scalar(select(exists().where(Comment.site_id == site.id))))


def _take_over(site: KnownSite, headers: list[SiteRecord]) -> None:
    """An empty site that takes its own export becomes what it was: options and origins."""
    for header in headers:
        changes.choose(site.id, {str(name): str(value) for name, value in header.options.items()})
        if header.key == site.key:
            for origin in header.origins:
                try:
                    changes.add(origin, to=site.id)
                except BadUrl:
                    continue
