"""``afterword import`` and ``afterword export``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar, cast

import click

from afterword.cli import running
from afterword.transfer import export, formats, rules
from afterword.transfer.pack import pack
from afterword.transfer.progress import Progress, Step
from afterword.transfer.report import REASONS, Report
from afterword.transfer.run import Choices, run
from afterword.transfer.uploads import work

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_PARTS = 1000  # of a file that is read
_SHOWN_EACH = 200  # comments

T = TypeVar("T")


@click.command("import")
@click.argument(
    "format_name", metavar="FORMAT", type=click.Choice([formats.AUTO, *formats.IMPORTERS])
)
@click.argument("file", type=click.Path(exists=True, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site that takes the comments.")
@click.option(
    "--site-origin",
    "site_origins",
    metavar="URL",
    multiple=True,
    help="Origin in the file that stands for this site's first. May be said again.",
)
@click.option(
    "--map",
    "table",
    type=click.File("r", encoding="utf-8-sig"),
    help="Table of addresses, one a line: the old one, a comma, the new one; a * at the end of "
    "the old one stands for all that begin so.",
)
@click.option(
    "--keep-query",
    metavar="NAMES",
    default="",
    help="Query parameters that tell pages apart, with commas between; * keeps all but tracking "
    "ones. The site keeps to them from then on.",
)
@click.option(
    "--admin-author",
    "owners",
    metavar="WHO",
    multiple=True,
    help="Name, user name or e-mail address of the site's own people in the file. May be said "
    "again.",
)
@click.option(
    "--project",
    metavar="NAME",
    help="The one to take of a file that holds several sites, domains or projects.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as an object.")
@running.in_application
def import_command(  # noqa: PLR0913, PLR0917 - click hands over each option
    format_name: str,
    file: str,
    key: str,
    site_origins: tuple[str, ...],
    table: TextIO | None,
    keep_query: str,
    owners: tuple[str, ...],
    project: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring comments from FILE into a site (-: standard input).

    None is added twice. FILE may be a folder of one file a comment, as Staticman has.
    """
    chosen = Choices(
        site_origins=site_origins,
        rules=rules.read(table) if table else rules.Rules(),
        keep_query=keep_query,
        owners=owners,
        project=project,
    )
    with _opened(file) as source:
        report = run(
            format_name,
            source,
            site=running.site(key),
            choices=chosen,
            dry_run=dry_run,
            progress=_Bars(),
        )
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _say(report, dry_run=dry_run)


@click.command("import-upload", hidden=True)
@click.argument("upload_id")
@running.in_application
def import_upload_command(upload_id: str) -> None:
    """Work on a file that was sent to the desk. The service runs this by itself."""
    with suppress(OSError):
        os.nice(10)  # readers first
    work.work(upload_id)


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site to export.")
@click.option(
    "--format",
    "format_name",
    default="native",
    show_default=True,
    type=click.Choice(list(formats.EXPORTERS)),
    help="native can be imported again without loss; html is an archive (zip) of pages.",
)
@running.in_application
@running.until_told_to_end
def export_command(file: str, key: str, format_name: str) -> None:
    """Write all comments of a site to FILE (-: standard output)."""
    site = running.site(key)
    if file == "-":
        export.write(site, sys.stdout.buffer, format_name=format_name)
        return
    count = export.to_file(site, Path(file), format_name=format_name)
    click.echo(f"{file} holds {count} comments of {site.key}.")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The file, a folder as an archive of what is in it."""
    if Path(file).is_dir():
        with tempfile.TemporaryFile() as archive:
            pack(Path(file), archive)
            yield cast(BinaryIO, archive)
    else:
        with click.open_file(file, "rb") as source:
            yield cast(BinaryIO, source)


class _Bars(Progress):
    """A bar for each step on a terminal, with its rate and the time left; nothing to a script."""

    def __init__(self) -> None:
        self._writing = ExitStack()
        self._bar: ProgressBar[Any] | None = None
        self._written = 0

    def reading(self, records: Iterable[T], part: Callable[[], float]) -> Iterator[T]:
        with _bar(Step.READING, _PARTS) as bar:
            for done, record in enumerate(records, 1):
                if done % _SHOWN_EACH == 0:
                    bar.update(int(part() * _PARTS) - bar.pos, done)
                yield record
            bar.update(_PARTS - bar.pos)

    def wrote(self, done: int, many: int) -> None:
        if self._bar is None:
            self._bar = self._writing.enter_context(_bar(Step.WRITING, many))
        self._bar.update(done - self._written, done)
        self._written = done
        if done >= many:
            self._writing.close()


def _bar(step: Step, many: int) -> ProgressBar[Any]:
    """A bar that shows beside its time left how many comments a second are done."""
    start = time.monotonic()
    return click.progressbar(
        length=many,
        label=f"{step.capitalize():7}",
        file=sys.stderr,
        hidden=not many or not sys.stderr.isatty(),
        show_percent=True,
        item_show_func=lambda done: (
            f"{done:,} comments, {done / max(time.monotonic() - start, 0.001):,.0f}/s"
            if done
            else None
        ),
    )


def _say(report: Report, *, dry_run: bool) -> None:
    verb = "would be added" if dry_run else "added"
    click.echo(f"{report.rows} comments read: {report.inserted} {verb}, {report.existing} there.")
    states = ", ".join(f"{many} {state}" for state, many in report.states.items())
    if states:
        click.echo(f"  {states}; {report.replies} are replies; on {report.pages} pages")
    for reason, count in report.skipped.items():
        click.echo(f"  skipped {count}: {REASONS.get(reason, reason)}")
    for host, count in report.foreign.most_common():
        click.echo(f"    {count} on {host}: to take them say --site-origin https://{host} or --map")
    for key, addresses in report.together().items():
        click.echo(f"  one page, {key}: {', '.join(addresses)}")
    if dry_run:
        for (address, page), many in report.places.most_common():
            click.echo(f"  {many:6}  {address} -> {page}")
    for warning in report.warnings:
        click.echo(f"  {warning}")
