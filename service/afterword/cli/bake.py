"""``afterword bake``: comments in the pages that a generator built."""

from __future__ import annotations

from pathlib import Path

import click

from afterword.generators.baking import Wanted, built
from afterword.transfer.bake.run import Report


@click.command("bake")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--site",
    "key",
    required=True,
    metavar="KEY",
    help="Site whose pages they are; with --from its origin, like https://blog.example. Of a blog"
    " below a path the whole address, like https://example.org/blog.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; fail when a page is out of date, or cannot be checked.",
)
@click.option("--no-snippet", is_flag=True, help="Ask search engines not to quote the comments.")
@click.option(
    "--from",
    "service",
    metavar="URL",
    help="Read the comments from the service at URL, not from this machine's database.",
)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to keep between builds: with it what has not changed is not read again.",
)
def bake_command(  # noqa: PLR0913, PLR0917 - click hands over each option
    folder: Path, key: str, check: bool, no_snippet: bool, service: str | None, keep: Path | None
) -> None:
    """Write the visible comments into the built pages in FOLDER.

    A page has a place for them where it has the tag, or an <afterword-thread>.
    """
    wanted = Wanted(site=key, service=service, keep=keep, is_snippet=not no_snippet)
    _say(built(folder, wanted, check=check), check=check)


def _say(report: Report, *, check: bool) -> None:
    for remark in (*report.notes, *report.warnings):
        click.echo(remark, err=True)
    if check and report.baked:
        for file in report.baked:
            click.echo(f"{click.format_filename(file)} is out of date.")
        raise click.ClickException(f"{len(report.baked)} pages are out of date: bake them again.")
    if check and report.warnings:
        raise click.ClickException("Not everything could be checked.")
    click.echo(
        f"{len(report.baked)} pages written, {report.same} were up to date, "
        f"{report.without} have no place for comments."
    )
