"""``afterword bans``: who may not write."""

from __future__ import annotations

import json

import click

from afterword.cli import running
from afterword.core import clock
from afterword.moderation import bans
from afterword.moderation.bans import Terms
from afterword.moderation.models import Ban, BanKind
from afterword.sites import directory

BY = "command line"
# Not by the domain of their address: others are there.
BY_AUTHOR = (BanKind.AUTHOR, BanKind.EMAIL, BanKind.NETWORK)


@click.group("bans")
def bans_group() -> None:
    """Ban people from writing, list the bans, end them."""


@bans_group.command("add")
@click.argument("who", required=False)
@click.option("--author-of", "comment_id", metavar="ID", help="Ban the author of this comment.")
@click.option("--days", type=click.IntRange(1, 3650), help="For so many days, not for good.")
@click.option("--site", "key", metavar="KEY", help="Only on this site.")
@click.option("--note", default="", help="Why, for yourself.")
@running.in_application
def add_command(
    who: str | None, comment_id: str | None, days: int | None, key: str | None, note: str
) -> None:
    """Ban WHO: an e-mail address, a domain of addresses, or a range like 203.0.113.0/24.

    With --author-of: the author's browser, e-mail address and, for at most 30 days, network.
    """
    if (who is None) == (comment_id is None):
        raise click.UsageError("Say WHO, or --author-of ID.")
    site_id = running.site(key).id if key else None
    terms = Terms(by=BY, days=days, site_id=site_id, note=note)
    if comment_id is not None:
        made = bans.add_author(comment_id, BY_AUTHOR, terms)
    else:
        made = [bans.add(bans.read(who or ""), terms)]
    for ban in made:
        click.echo(f"{ban.id}  {bans.describe(ban)}")


@bans_group.command("list")
@click.option("--site", "key", metavar="KEY", help="Only those that hold on this site.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(key: str | None, as_json: bool) -> None:
    """List the bans that hold, newest first."""
    found = bans.every(running.site(key).id if key else None)
    if as_json:
        click.echo(json.dumps([_row(ban) for ban in found], indent=2, ensure_ascii=False))
        return
    for ban in found:
        where = _site(ban) or "every site"
        note = f"  ({ban.note})" if ban.note else ""
        click.echo(f"{ban.id}  {bans.describe(ban)}  on {where}{note}")


@bans_group.command("remove")
@click.argument("number", type=int)
@running.in_application
def remove_command(number: int) -> None:
    """End the ban with this NUMBER, which list shows."""
    click.echo(f"No longer banned: {bans.describe(bans.lift(number, by=BY))}")


def _row(ban: Ban) -> dict[str, object]:
    return {
        "id": ban.id,
        "kind": ban.kind.value,
        "value": ban.value,
        "site": _site(ban),
        "note": ban.note,
        "by": ban.by,
        "created": clock.text(ban.created),
        "expires": clock.text(ban.expires) if ban.expires else None,
    }


def _site(ban: Ban) -> str | None:
    return directory.by_id(ban.site_id).key if ban.site_id else None
