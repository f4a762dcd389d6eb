"""``afterword pages``: threads' places."""

from __future__ import annotations

import json

import click

from afterword.cli import running
from afterword.moderation import places
from afterword.threads import view


@click.group()
def pages() -> None:
    """List pages, close and open them, move them to another address."""


@pages.command("list")
@click.option("--site", "key", metavar="KEY", help="Only of this site.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(key: str | None, as_json: bool) -> None:
    """List pages with their numbers of visible comments."""
    found = places.every(running.site(key).id if key else None)
    if as_json:
        rows = [view.page(page, key=page.key, url=page.url) for page in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for page in found:
        click.echo(f"{page.count:6}  {'open  ' if page.is_open else 'closed'}  {page.url}")


@pages.command("close")
@click.argument("url")
@running.in_application
def close_command(url: str) -> None:
    """Take no more comments on the page URL."""
    click.echo(f"{places.set_open(url, is_open=False).url} is closed.")


@pages.command("open")
@click.argument("url")
@running.in_application
def open_command(url: str) -> None:
    """Take comments on the page URL again."""
    click.echo(f"{places.set_open(url, is_open=True).url} is open.")


@pages.command("move")
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", is_flag=True, help="Only say what would move.")
@running.in_application
def move_command(old: str, new: str, dry_run: bool) -> None:
    """Let the thread of the page OLD follow to NEW; OLD keeps leading to it."""
    page = places.move(old, new, dry_run=dry_run)
    verb = "would move" if dry_run else "moved"
    click.echo(f"{page.count} visible comments {verb} to {new}.")
