"""``afterword bake``: comments in the pages that a generator built."""

from __future__ import annotations

from pathlib import Path

import click

from afterword.cli import running
from afterword.core import config
from afterword.transfer.bake.run import bake


@click.command("bake")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--site", "key", required=True, metavar="KEY", help="Site whose pages they are.")
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is out of date.")
@click.option("--no-snippet", is_flag=True, help="Ask search engines not to quote the comments.")
@running.in_application
def bake_command(folder: Path, key: str, check: bool, no_snippet: bool) -> None:
    """Write the visible comments into the built pages in FOLDER.

    A page has a place for them where it has the tag, or an <afterword-thread>.
    """
    report = bake(
        folder,
        running.site(key),
        service=config.current().public_url or None,
        check=check,
        is_snippet=not no_snippet,
    )
    for warning in report.warnings:
        click.echo(warning, err=True)
    if check and report.baked:
        for file in report.baked:
            click.echo(f"{file} is out of date.")
        raise click.ClickException(f"{len(report.baked)} pages are out of date: bake them again.")
    click.echo(
        f"{len(report.baked)} pages written, {report.same} were up to date, "
        f"{report.without} have no place for comments."
    )
