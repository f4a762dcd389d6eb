"""One import: read the whole file, plan and render, then write what is ready."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import BinaryIO

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from afterword.core import config, registry
from afterword.core.db import db, transaction
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment
from afterword.transfer import formats, inherit, row, sniff
from afterword.transfer.dates import Dates
from afterword.transfer.ledger import Ledger
from afterword.transfer.places import Place, Places
from afterword.transfer.plan import New, Plan
from afterword.transfer.reading import BadFile
from afterword.transfer.record import (
    CommentRecord,
    Importer,
    PageRecord,
    SiteRecord,
    SkippedRecord,
)
from afterword.transfer.report import Report
from afterword.transfer.rules import Rules
from afterword.transfer.spool import Spool
from afterword.transfer.unpack import unpacked
from afterword.transfer.write import Writer

# About as many comments a transaction, whole pages always: a guest who posts waits for one.
_AT_ONCE = 2000

# Shows how far the rendering is: given the comments and their number, hands them on.
Watch = Callable[[Iterable[New], int], Iterable[New]]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What an owner may say of an import.

    ``site_origins`` are origins in the file that stand for the site's first, ``rules`` where other
    addresses belong, ``owners`` the names, user names or e-mail addresses under which the file has
    the site's own moderators, ``project`` the one to take of a file that holds several.
    """

    site_origins: Sequence[str] = ()
    rules: Rules = field(default_factory=Rules)
    owners: Sequence[str] = ()
    project: str | None = None


def run(  # noqa: PLR0913 - said by name
    format_name: str,
    file: BinaryIO,
    *,
    site: KnownSite,
    choices: Choices = Choices(),
    dry_run: bool = False,
    watch: Watch = lambda new, _: new,
) -> Report:
    """Bring the comments of a file into a site. Raises BadFile, and then nothing is written.

    No check judges them, no limit counts them, nobody is notified; their HTML passes the same
    gates as everyone's. Run again, it adds nothing twice, and goes on where a run was ended. A
    service that runs meanwhile waits for nothing but a transaction of rows that are ready.
    """
    folder = config.current().data
    with ExitStack() as open_files:
        content = open_files.enter_context(unpacked(file, folder))
        importer = _importer(format_name, content)
        report = Report(importer.name)
        records = open_files.enter_context(Spool[CommentRecord](folder))
        pages, headers = _read(importer, content, records, choices=choices, report=report)
        was_empty = not _has_comments(site)
        if was_empty:
            site = inherit.from_headers(site, headers, report=report)
        places = Places(site, site_origins=choices.site_origins, rules=choices.rules)
        ledger = open_files.enter_context(Ledger(folder))
        plan = Plan(ledger, site=site, lineage=importer.lineage, places=places, report=report)
        plan.read(records)
        db.session.rollback()  # rendering may take minutes: hold no snapshot of the database
        for new in watch(plan.new(records), ledger.count_new()):
            ledger.keep(new.number, pickle.dumps(row.make(new, report=report)))
        if not dry_run:
            header = site if was_empty and headers else None
            _write(Writer(site, places), plan.pages(pages), ledger, header=header)
    return report


def _importer(format_name: str, file: BinaryIO) -> Importer:
    if format_name != "auto":
        importer: Importer = registry.load(formats.IMPORTERS[format_name])()
        return importer
    sample = sniff.look(file)
    for dotted in dict.fromkeys(formats.IMPORTERS.values()):
        importer = registry.load(dotted)()
        if importer.detects(sample):
            return importer
    known = ", ".join(formats.IMPORTERS)
    raise BadFile(f"The file is of no format that is known here. There are: {known}.")


def _read(
    importer: Importer,
    file: BinaryIO,
    comments: Spool[CommentRecord],
    *,
    choices: Choices,
    report: Report,
) -> tuple[list[PageRecord], list[SiteRecord]]:
    """Read the file to its end before anything else is done: its last line may be malformed."""
    pages: list[PageRecord] = []
    headers: list[SiteRecord] = []
    dates = Dates(report)
    owners = {owner.casefold() for owner in choices.owners}
    for record in importer.records(file):
        match record:
            case CommentRecord() if choices.project and choices.project not in record.projects:
                report.rows += 1
                report.skip("other_project")
            case CommentRecord():
                comments.put(_owned(dates.complete(record), owners))
            case PageRecord():
                dates.note(record)
                pages.append(record)
            case SkippedRecord():
                report.rows += 1
                report.skip(record.reason)
            case SiteRecord():
                headers.append(record)
    return pages, headers


def _owned(record: CommentRecord, owners: set[str]) -> CommentRecord:
    """The comment with the mark of a moderator, where its author is one of these."""
    said = (record.name, record.username, record.email)
    if record.is_moderator or not any(one and one.casefold() in owners for one in said):
        return record
    return replace(record, is_moderator=True)


def _has_comments(site: KnownSite) -> bool:
    return bool(db.session.scalar(select(exists().where(Comment.site_id == site.id))))


def _write(
    writer: Writer,
    pages: Iterable[tuple[Place, PageRecord]],
    ledger: Ledger,
    *,
    header: KnownSite | None,
) -> None:
    """The site and its pages with the first comments, then the others, some pages at a time."""
    by_page = groupby(ledger.ready(), key=itemgetter(0))
    try:
        with transaction():
            if header is not None:
                inherit.write(header)
            writer.add_pages(pages)
            is_all = _add_some(writer, by_page)
        while not is_all:
            with transaction():
                is_all = _add_some(writer, by_page)
    except IntegrityError:
        raise BadFile(
            "Something else changed the same comments meanwhile. Run it again: it goes on there."
        ) from None
    finally:
        directory.forget()


def _add_some(writer: Writer, by_page: Iterator[tuple[int, Iterator[tuple[int, bytes]]]]) -> bool:
    """Write whole pages until it is enough for one transaction; answers whether that was all."""
    many = 0
    for _, kept in by_page:
        many += writer.add_comments(pickle.loads(one) for _, one in kept)  # noqa: S301 - our own
        if many >= _AT_ONCE:
            return False
    return True
