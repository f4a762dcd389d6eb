"""``afterword sites``: which addresses may have comments, and what their owner chose."""

from __future__ import annotations

import json
from typing import TextIO

import click

from afterword.cli import running
from afterword.core.errors import Conflict
from afterword.moderation import configuration
from afterword.moderation import sites as audited
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.transfer import removal

BY = "command line"


@click.group()
def sites() -> None:
    """Add sites, list them, choose their options."""


@sites.command("add")
@click.argument("origin")
@click.option("--to", "to", metavar="KEY", help="Add the origin to this site, not as a new one.")
@click.option("--name", default="", help="Name of a new site.")
@running.in_application
def add_command(origin: str, to: str | None, name: str) -> None:
    """Allow pages of ORIGIN, like https://blog.example, to show and take comments."""
    wanted = running.site(to) if to else None
    site = audited.add(origin, to=wanted.id if wanted else None, name=name, by=BY)
    if wanted and site.id != wanted.id:
        raise Conflict(f"{origin} belongs to the site {site.key} already. Nothing was changed.")
    click.echo(f"{origin} belongs to the site {site.key}.")


@sites.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(as_json: bool) -> None:
    """List the sites with their origins and options."""
    if as_json:
        click.echo(json.dumps([_site(site) for site in directory.every()], indent=2))
        return
    for site in directory.every():
        click.echo(f"{site.key}  {site.options.policy}  {' '.join(site.origins)}")


@sites.command("set")
@click.argument("key")
@click.argument("choices", nargs=-1, required=True, metavar="NAME=VALUE...")
@running.in_application
def set_command(key: str, choices: tuple[str, ...]) -> None:
    """Choose options of the site KEY, like policy=hold-first. All change, or none.

    A secret one is read from a file by NAME=@FILE, from standard input by NAME=@-, so that it
    stands in no history of commands.
    """
    written = running.choices(choices)
    site = audited.choose(running.site(key).id, written, by=BY)
    click.echo(f"{site.key}: {running.said(written)}")


@sites.command("export")
@click.argument("key")
@click.argument("file", type=click.File("w", encoding="utf-8"))
@running.in_application
def export_command(key: str, file: TextIO) -> None:
    """Write the configuration of the site KEY to FILE (- for standard output), without secrets."""
    file.write(configuration.write(running.site(key)))


@sites.command("import")
@click.argument("key")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@running.in_application
def import_command(key: str, file: TextIO, *, dry_run: bool) -> None:
    """Set the site KEY up as FILE (- for standard input) says, which ``sites export`` wrote.

    Choices that are not in it are as without a choice; secrets stay; bans are only added.
    """
    site, text = running.site(key), file.read(configuration.LONGEST + 1)
    plan = configuration.look(site, text)
    for change in plan.changes:
        click.echo(f"{change.name}: {change.now or '(nothing)'} -> {change.then or '(nothing)'}")
    for target, _ in plan.bans:
        click.echo(f"ban: {target.value}")
    if plan.is_empty:
        click.echo("Nothing would change: all is so already.")
    elif not dry_run:
        configuration.bring_in(site, text, by=BY)


@sites.command("remove")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
@running.in_application
def remove_command(key: str, yes: bool) -> None:
    """Remove the site KEY with all its comments. They are exported to the data folder first."""
    site = running.site(key)
    if not yes:
        click.confirm(f"Remove {site.key} with {removal.count(site)} comments?", abort=True)
    file = removal.at_once(site, by=BY)
    click.echo(f"{site.key} is removed. Its comments are in {file}.")


def _site(site: KnownSite) -> dict[str, object]:
    return {
        "key": site.key,
        "name": site.name,
        "origins": list(site.origins),
        "options": options.written(site.options),
        "secrets": sorted(options.held(site.options)),
    }
