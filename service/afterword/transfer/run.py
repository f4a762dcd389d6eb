"""One import: read the whole file, plan and render, then write all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import BinaryIO

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from afterword.core import config, registry
from afterword.core.db import db, transaction
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import counts
from afterword.threads.models import Comment
from afterword.transfer import formats, inherit, row
from afterword.transfer.plan import Places, Plan
from afterword.transfer.record import BadFile, CommentRecord, Importer, PageRecord, SiteRecord
from afterword.transfer.report import Report
from afterword.transfer.row import Row
from afterword.transfer.spool import Spool, unpacked
from afterword.transfer.write import Writer

_START = 4096

# Shows how far the rendering is: given the comments and their number, hands them on.
Watch = Callable[[Iterable[CommentRecord], int], Iterable[CommentRecord]]


def run(  # noqa: PLR0913 - said by name
    format_name: str,
    file: BinaryIO,
    *,
    site: KnownSite,
    site_origin: str | None = None,
    dry_run: bool = False,
    watch: Watch = lambda records, _: records,
) -> Report:
    """Bring the comments of a file into a site. Raises BadFile, and then nothing is written.

    No check judges them, no limit counts them, nobody is notified; their HTML passes the same
    gates as everyone's. Run again, it adds nothing twice. A service that runs meanwhile waits for
    nothing but the last step, which stores rows that are ready.
    """
    folder = config.current().data
    with ExitStack() as open_files:
        content = open_files.enter_context(unpacked(file, folder))
        importer = _importer(format_name, content)
        report = Report(importer.name)
        records = open_files.enter_context(Spool[CommentRecord](folder))
        pages, headers = _read(importer, content, records)
        was_empty = not _has_comments(site)
        if was_empty:
            site = inherit.from_headers(site, headers, report=report)
        places = Places(site, site_origin=site_origin)
        plan = Plan(records, site=site, places=places, report=report)
        db.session.rollback()  # rendering may take minutes: hold no snapshot of the database
        rows = open_files.enter_context(Spool[Row](folder))
        keys = set()
        for new in plan.new(watch(records, len(records))):
            rows.put(row.make(*new, report=report))
            keys.add(new[2].key)
        report.pages = len(keys)
        if not dry_run:
            _write(site, plan, pages, rows, inherits=was_empty and bool(headers))
    return report


def _importer(format_name: str, file: BinaryIO) -> Importer:
    if format_name != "auto":
        importer: Importer = registry.load(formats.IMPORTERS[format_name])()
        return importer
    start = file.read(_START)
    file.seek(0)
    for dotted in formats.IMPORTERS.values():
        importer = registry.load(dotted)()
        if importer.detects(start):
            return importer
    known = ", ".join(formats.IMPORTERS)
    raise BadFile(f"The file is of no format that is known here. There are: {known}.")


def _read(
    importer: Importer, file: BinaryIO, comments: Spool[CommentRecord]
) -> tuple[list[PageRecord], list[SiteRecord]]:
    """Read the file to its end before anything else is done: its last line may be malformed."""
    pages: list[PageRecord] = []
    headers: list[SiteRecord] = []
    for record in importer.records(file):
        match record:
            case CommentRecord():
                comments.put(record)
            case PageRecord():
                pages.append(record)
            case SiteRecord():
                headers.append(record)
    return pages, headers


def _has_comments(site: KnownSite) -> bool:
    return bool(db.session.scalar(select(exists().where(Comment.site_id == site.id))))


def _write(
    site: KnownSite, plan: Plan, pages: list[PageRecord], rows: Spool[Row], *, inherits: bool
) -> None:
    try:
        with transaction():
            if inherits:
                inherit.write(site)
            writer = Writer(site, plan.places)
            writer.add_pages(plan.pages(pages))
            for page_id in sorted(writer.add_comments(rows, coming=plan.coming)):
                counts.recount(page_id)
    except IntegrityError:
        raise BadFile(
            "Something else changed the same comments meanwhile. Nothing was written: run it again."
        ) from None
    directory.forget()
