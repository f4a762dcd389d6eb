"""``afterword comments``: moderation for scripts. The same acts as the desk's, in the same log."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from afterword.cli import running
from afterword.core import clock
from afterword.markup import plain
from afterword.moderation import actions, listing
from afterword.sites import directory
from afterword.threads import view
from afterword.threads.models import Comment, State

BY = "command line"
ACTS = {
    "approve": (actions.approve, "Make comments visible."),
    "spam": (actions.spam, "Mark comments as spam."),
    "remove": (actions.remove, "Take comments away; one that has replies leaves a tombstone."),
    "restore": (actions.restore, "Give comments back the state that they had before."),
}


@click.group()
def comments() -> None:
    """List comments and decide over them."""


@comments.command("list")
@click.option("--site", "key", metavar="KEY", help="Only of this site.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only in it.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(key: str | None, state: str | None, limit: int | None, as_json: bool) -> None:
    """List comments, newest first, with the reasons why they wait."""
    found = listing.newest(
        site_id=running.site(key).id if key else None,
        state=State(state) if state else None,
        limit=limit,
    )
    if as_json:
        click.echo(json.dumps([_row(row) for row in found], indent=2, ensure_ascii=False))
        return
    for row in found:
        words = plain.excerpt(row.html, 60)
        click.echo(f"{row.id}  {row.state.value:8}  {clock.text(row.created)}  {row.name}: {words}")


def _row(comment: Comment) -> dict[str, object]:
    said = {"reasons": comment.reasons, "page": {"url": comment.page.url}, "email": comment.email}
    options = directory.by_id(comment.site_id).options
    return {**view.own(comment, options=options), "state": comment.state.value, **said}


def _add(verb: str, act: Callable[..., list[Comment]], help_text: str) -> None:
    @comments.command(verb, help=help_text)
    @click.argument("ids", nargs=-1, required=True, metavar="ID...")
    @running.in_application
    def decide(ids: tuple[str, ...]) -> None:
        moved = act(ids, by=BY)
        click.echo(f"{verb}: {len(moved)} of {len(ids)} changed")


for _verb, (_act, _help) in ACTS.items():
    _add(_verb, _act, _help)
