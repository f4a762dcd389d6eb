"""``afterword bake``: comments in the pages that a generator built."""

from __future__ import annotations

from pathlib import Path

import click

from afterword.cli import running
from afterword.core import config
from afterword.transfer.bake.remote import Remote
from afterword.transfer.bake.run import Report, Stored, bake


@click.command("bake")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--site",
    "key",
    required=True,
    metavar="KEY",
    help="Site whose pages they are; with --from its origin, like https://blog.example.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is out of date.")
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
    if service is None:
        report = _from_database(folder, key, check=check, is_snippet=not no_snippet)
    else:
        remote = Remote(service, key if "://" in key else f"https://{key}", kept=keep)
        report = bake(folder, remote, service=service, check=check, is_snippet=not no_snippet)
        remote.keep()
    _say(report, check=check)


@running.in_application
def _from_database(folder: Path, key: str, *, check: bool, is_snippet: bool) -> Report:
    return bake(
        folder,
        Stored(running.site(key)),
        service=config.current().public_url or None,
        check=check,
        is_snippet=is_snippet,
    )


def _say(report: Report, *, check: bool) -> None:
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
