"""``afterword pages``: threads' places."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

import click

from afterword.cli import running
from afterword.core import clock, spreadsheet
from afterword.moderation import merges, moves, onward, places, posts, twins, undo
from afterword.moderation.moves import Plan, WrongMoves
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.sites.options import Fediverse, Options
from afterword.threads import pages as pages_of_threads
from afterword.threads import view
from afterword.threads.models import Page

BY = "command line"
OF_SITE = click.option(
    "--site",
    "key",
    metavar="KEY",
    help="The site that it must be of; there a page with an id of its own is id:ID.",
)


@click.group()
def pages() -> None:
    """List pages, close, open, name and move them."""


@pages.command("list")
@click.option("--site", "key", metavar="KEY", help="Only of this site.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(key: str | None, as_json: bool) -> None:
    """List pages with their numbers of visible comments."""
    found = places.every(running.site(key).id if key else None)
    if as_json:
        rows = [view.page(one, key=one.key, url=one.url, options=_options(one)) for one in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for page in found:
        is_open = pages_of_threads.is_open(page, options=_options(page))
        post = f"  {page.post}" if page.post else ""
        click.echo(f"{page.count:6}  {'open  ' if is_open else 'closed'}  {page.url}{post}")


@pages.command("close")
@click.argument("url")
@OF_SITE
@running.in_application
def close_command(url: str, key: str | None) -> None:
    """Take no more comments on the page URL."""
    click.echo(f"{places.set_open(url, site=_site(key), is_open=False, by=BY).url} is closed.")


@pages.command("open")
@click.argument("url")
@OF_SITE
@running.in_application
def open_command(url: str, key: str | None) -> None:
    """Take comments on the page URL again."""
    click.echo(f"{places.set_open(url, site=_site(key), is_open=True, by=BY).url} is open.")


@pages.command("title")
@click.argument("url")
@click.argument("title")
@OF_SITE
@running.in_application
def title_command(url: str, title: str, key: str | None) -> None:
    """Call the page URL by another TITLE, for readers and on the desk.

    An empty one ("") is forgotten: the next comment that readers see names the page.
    """
    page = places.call(url, title, site=_site(key), by=BY)
    click.echo(f"{page.url} is called {page.title}." if page.title else f"{page.url} has no title.")


@pages.command("move")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--csv",
    "table",
    type=click.File("r", encoding="utf-8-sig"),
    help="File of many moves, one a line: the old address, a comma, the new one.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would move.")
@OF_SITE
@running.in_application
def move_command(
    old: str | None, new: str | None, table: TextIO | None, dry_run: bool, key: str | None
) -> None:
    """Let the thread of the page OLD follow to NEW; OLD keeps leading to it.

    Where OLD ends in *, all pages whose addresses begin so move, and what follows goes behind NEW.
    """
    if table is not None and old is None:
        plan = _planned(table)
    elif old is None or new is None or table is not None:
        raise click.UsageError("Say OLD and NEW, or --csv FILE.")
    elif old.endswith("*"):
        plan = _planned([spreadsheet.line([old, new])])
    else:
        plan = moves.one(old, new)
    if (site := _site(key)) is not None:
        for move in plan.moves:
            places.find(move.old, site=site)
    verb = "would move" if dry_run else "moved"
    act = None if dry_run else moves.follow(plan, by=BY)
    for move in plan.moves:
        click.echo(f"{move.count} visible comments {verb} from {move.old} to {move.new}.")
    if act is not None:
        click.echo(f"Taken back by: afterword pages unmove --act {act.id}")


@pages.command("unmove")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option(
    "--act", "number", type=int, metavar="NUMBER", help="All that the act of this number moved."
)
@running.in_application
def unmove_command(urls: tuple[str, ...], number: int | None) -> None:
    """Take the last move of the page URL back: it is where it was before.

    Where URL ends in *, of all pages whose addresses begin so. The number of an act is what
    ``pages move`` says, or that in the log.
    """
    if bool(urls) == (number is not None):
        raise click.UsageError("Say URL, or --act NUMBER.")
    if number is not None:
        act = moves.act(number)
        if not undo.take_back([act], by=BY)[1]:
            raise click.ClickException("Its pages have moved since, or it was taken back already.")
        click.echo(f"Taken back: {act.note}")
    for url in urls:
        for move in moves.return_from(url, by=BY):
            click.echo(f"{move.count} visible comments moved back from {move.old} to {move.new}.")


@pages.command("merge")
@click.argument("url")
@click.argument("into")
@click.option("--dry-run", is_flag=True, help="Only say what would come over.")
@OF_SITE
@running.in_application
def merge_command(url: str, into: str, dry_run: bool, key: str | None) -> None:
    """Let the thread of the page URL become part of that of INTO; URL leads there from then on."""
    site = _site(key)
    plan = merges.preview(places.find(url, site=site).id, places.find(into, site=site).id)
    verb = "would come" if dry_run else "came"
    if not dry_run:
        merges.merge(plan.page.id, plan.into.id, by=BY)
    said = ", ".join(f"{many} {state.value}" for state, many in plan.states.items())
    click.echo(f"From {plan.page.url} to {plan.into.url} {verb}: {said or 'nothing'}.")
    if plan.unpinned:
        click.echo(f"{plan.unpinned} pins had no room there.")


@pages.command("twins")
@click.option("--site", "key", metavar="KEY", help="Only of this site.")
@click.option("--ask", is_flag=True, help="Ask each page's own address first where it leads.")
@running.in_application
def twins_command(key: str | None, ask: bool) -> None:
    """List pages that may be one, and those that have moved.

    Of the same title, with addresses that end alike, and, once they were asked, where the address
    of one leads to the other for good or names it as its own (canonical).
    """
    sites = frozenset({running.site(key).id}) if key else None
    if ask:
        many = sum(1 for _page in onward.ask(since=clock.now(), sites=sites))
        click.echo(f"{many} pages were asked.", err=True)
    led = onward.found(sites=sites)
    for one in twins.find(led, sites=sites):
        click.echo(f"{one.page.url} ({one.page.count})  {one.into.url} ({one.into.count})")
        click.echo(f"  {one.reason}")
    for way in led:
        if way.into is None:
            click.echo(f"{way.page.url} ({way.page.count})  {way.url}")
            click.echo("  The address leads there, where nobody has commented yet.")


@pages.command("link")
@click.argument("url")
@click.argument("post")
@running.in_application
def link_command(url: str, post: str) -> None:
    """Show replies to POST on the fediverse with the page URL.

    POST is the address of your own post there: https://mastodon.example/@you/112233445566778899.
    The site's option fediverse has to be on.
    """
    page = posts.link(url, post, by=BY)
    click.echo(f"Replies to {page.post} are shown with {page.url}.")
    if _options(page).fediverse is Fediverse.OFF:
        key = directory.by_id(page.site_id).key
        click.echo(f"They will be once you switch it on: afterword sites set {key} fediverse=hold")


@pages.command("unlink")
@click.argument("url")
@running.in_application
def unlink_command(url: str) -> None:
    """Show no replies on the fediverse with the page URL."""
    click.echo(f"No post is linked to {posts.unlink(places.find(url).id, by=BY).url} any more.")


@pages.command("unmerge")
@click.argument("url")
@running.in_application
def unmerge_command(url: str) -> None:
    """Take the merge of the page URL back."""
    site = directory.of_url(url)
    merged = merges.last(site.id, site.page_key(url))
    click.echo(f"{merges.undo(merged.id, by=BY).url} has its own thread again.")


def _site(key: str | None) -> KnownSite | None:
    return running.site(key) if key else None


def _options(page: Page) -> Options:
    return directory.by_id(page.site_id).options


def _planned(table: Iterable[str]) -> Plan:
    try:
        return moves.table(table)
    except WrongMoves as error:
        raise click.ClickException("\n  ".join([str(error), *error.lines])) from None
