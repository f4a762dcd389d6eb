"""One import: read, prepare and plan the whole file, then write what is ready."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import BinaryIO

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from afterword.core import config
from afterword.core.db import db, make_room, transaction
from afterword.sites import changes, directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment
from afterword.transfer import ahead, detect, inherit
from afterword.transfer.ledger import Ledger, Spot
from afterword.transfer.places import Place, Places
from afterword.transfer.plan import Plan
from afterword.transfer.prepare import Prepared, Read, prepared
from afterword.transfer.progress import Progress
from afterword.transfer.reading import BadFile
from afterword.transfer.record import (
    Importer,
    PageRecord,
    SiteRecord,
    SkippedRecord,
    WarningRecord,
)
from afterword.transfer.report import Report
from afterword.transfer.row import Row
from afterword.transfer.rules import Rules
from afterword.transfer.unpack import unpacked
from afterword.transfer.write import Writer

COMMAND_LINE = "command line"
# About as many comments a transaction, whole pages always: a guest who posts waits for one.
_AT_ONCE = 2000
_ROOM = 64  # megabytes of the database in memory meanwhile


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What an owner may say of an import.

    ``site_origins`` are origins in the file that stand for the site's first, ``rules`` where other
    addresses belong, ``keep_query`` the parameters that tell the site's pages apart from then on
    (nothing: as before), ``owners`` the names, user names or e-mail addresses under which the file
    has the site's own moderators, ``project`` the one to take of a file that holds several.
    """

    site_origins: Sequence[str] = ()
    rules: Rules = field(default_factory=Rules)
    keep_query: str = ""
    owners: Sequence[str] = ()
    project: str | None = None


def run(  # noqa: PLR0913 - said by name
    format_name: str,
    file: BinaryIO,
    *,
    site: KnownSite,
    choices: Choices = Choices(),
    by: str = COMMAND_LINE,
    dry_run: bool = False,
    progress: Progress = Progress(),  # noqa: B008 - keeps nothing
) -> Report:
    """Bring the comments of a file into a site. Raises BadFile, and then nothing is written.

    No check judges them, no limit counts them, nobody is notified; their HTML passes the same
    gates as everyone's. Run again, it adds nothing twice, and goes on where a run was ended. A
    service that runs meanwhile waits for nothing but a transaction of rows that are ready. The log
    has the posts that it links to pages, as linked ``by``.
    """
    folder = config.current().data
    with ExitStack() as open_files:
        content = open_files.enter_context(unpacked(file, folder))
        importer = detect.importer(format_name, content)
        report = Report(importer.name)
        ledger = open_files.enter_context(Ledger(folder))
        records = open_files.enter_context(closing(_prepared(importer, content, choices)))
        headers, rows = _headers(iter(progress.reading(records, partial(ahead.part, content))))
        was_empty = not _has_comments(Comment.site_id == site.id)
        if was_empty:
            site = inherit.from_headers(site, headers, report=report)
        if choices.keep_query:
            site = inherit.from_owner(site, keep_query=choices.keep_query)
        places = Places(site, site_origins=choices.site_origins, rules=choices.rules)
        plan = Plan(
            ledger,
            site=site,
            is_first=not _has_comments(),
            lineage=importer.lineage,
            places=places,
            report=report,
        )
        pages: list[PageRecord] = []
        plan.read(_comments(rows, pages, ledger=ledger, report=report))
        if not (pages or headers or report.rows):
            detect.look_whether_empty(format_name, importer, content)
        if not dry_run:
            header = site if was_empty and headers else None
            writer = Writer(site, plan, by=by)
            _write(writer, plan.pages(pages), ledger, header, choices.keep_query, progress)
    return report


def _prepared(importer: Importer, content: BinaryIO, choices: Choices) -> Generator[Read]:
    """What is in the file, its comments prepared: two processes may work ahead of this one."""
    with closing(ahead.read(importer.records(content), content)) as records:
        some = prepared(
            records,
            owners=choices.owners,
            project=choices.project,
            is_ours=not importer.lineage,
        )
        yield from ahead.read(some, content)


def _headers(rows: Iterator[Read]) -> tuple[list[SiteRecord], Iterator[Read]]:
    """What the file says of its site, which it says first; and the rows behind it."""
    headers: list[SiteRecord] = []
    for record in rows:
        if not isinstance(record, SiteRecord):
            return headers, chain([record], rows)
        headers.append(record)
    return headers, rows


def _comments(
    rows: Iterable[Read], pages: list[PageRecord], *, ledger: Ledger, report: Report
) -> Iterator[Prepared]:
    """The comments. All else is put where it belongs."""
    for record in rows:
        match record:
            case Prepared():
                yield record
            case PageRecord():
                pages.append(record)
            case SkippedRecord():
                report.rows += 1
                report.skip(record.reason)
                ledger.leave_out(record.id)
            case WarningRecord():
                report.warn(record.said)


def _has_comments(*which: ColumnElement[bool]) -> bool:
    some = select(Comment.id).where(*which).limit(1)
    return db.session.scalar(some) is not None


def _write(  # noqa: PLR0913, PLR0917 - one step after the other
    writer: Writer,
    pages: Iterable[tuple[Place, PageRecord]],
    ledger: Ledger,
    header: KnownSite | None,
    keep_query: str,
    progress: Progress,
) -> None:
    """The site and its pages with the first comments, then the others, some pages at a time."""
    by_page = groupby(ledger.ready(), key=itemgetter(0))
    written, many = 0, ledger.count_new()
    try:
        with transaction():
            if header is not None:
                inherit.write(header)
            if keep_query:  # alone: another choice may have been made at the desk meanwhile
                changes.choose_within(writer.site_id, {"keep_query": keep_query})
            writer.add_pages(pages)
            written += _add_some(writer, by_page)
        while written < many:
            progress.wrote(written, many)
            with transaction():
                written += _add_some(writer, by_page)
        progress.wrote(written, many)
    except IntegrityError:
        raise BadFile(
            "Something else changed the same comments meanwhile. Run it again: it goes on there."
        ) from None
    finally:
        directory.forget()


def _add_some(
    writer: Writer, by_page: Iterable[tuple[int, Iterator[tuple[int, Spot, Row]]]]
) -> int:
    """Write whole pages until it is enough for one transaction; answers how many comments."""
    make_room(_ROOM)
    many = 0
    for page, kept in by_page:
        many += writer.add_comments(page, ((spot, row) for _, spot, row in kept))
        if many >= _AT_ONCE:
            break
    writer.settle()
    return many
