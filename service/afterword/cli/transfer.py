"""``afterword import`` and ``afterword export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import click

from afterword.cli import running
from afterword.transfer import export, formats
from afterword.transfer.record import CommentRecord
from afterword.transfer.report import Report
from afterword.transfer.run import run


@click.command("import")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(["auto", *formats.IMPORTERS]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site that takes the comments.")
@click.option(
    "--site-origin", metavar="URL", help="Origin in the file that stands for this site's first."
)
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as an object.")
@running.in_application
def import_command(  # noqa: PLR0913, PLR0917 - click hands over each option
    format_name: str, file: str, key: str, site_origin: str | None, dry_run: bool, as_json: bool
) -> None:
    """Bring comments from FILE into a site (-: standard input).

    None is added twice.
    """
    with click.open_file(file, "rb") as source:
        report = run(
            format_name,
            cast(BinaryIO, source),
            site=running.site(key),
            site_origin=site_origin,
            dry_run=dry_run,
            watch=_with_bar,
        )
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _say(report, dry_run=dry_run)


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site to export.")
@click.option(
    "--format",
    "format_name",
    default="native",
    show_default=True,
    type=click.Choice(list(formats.EXPORTERS)),
    help="native can be imported again without loss.",
)
@running.in_application
def export_command(file: str, key: str, format_name: str) -> None:
    """Write all comments of a site to FILE (-: standard output)."""
    site = running.site(key)
    if file == "-":
        export.write(site, sys.stdout.buffer, format_name=format_name)
        return
    count = export.to_file(site, Path(file), format_name=format_name)
    click.echo(f"{file} holds {count} comments of {site.key}.")


def _with_bar(comments: Iterable[CommentRecord], many: int) -> Iterator[CommentRecord]:
    """Show on a terminal how far it is; say nothing to a script."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(
        comments, length=many, label="Reading", file=sys.stderr, hidden=hidden
    ) as shown:
        yield from shown


def _say(report: Report, *, dry_run: bool) -> None:
    verb = "would be added" if dry_run else "added"
    click.echo(f"{report.rows} comments read: {report.inserted} {verb}, {report.existing} there.")
    for reason, count in report.skipped.items():
        click.echo(f"  skipped {count}: {reason}")
    for warning in report.warnings:
        click.echo(f"  {warning}")
