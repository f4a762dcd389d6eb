"""``afterword moderators``: who may decide, and how a forgotten password is mended."""

from __future__ import annotations

import click

from afterword.cli import running
from afterword.core import config
from afterword.identity import moderators
from afterword.moderation import team
from afterword.sites import directory

BY = "command line"


@click.group("moderators")
def moderators_group() -> None:
    """List, add and remove moderators; give them new passwords."""


@moderators_group.command("list")
@running.in_application
def list_command() -> None:
    """List the moderators with what they may do."""
    for moderator in moderators.every():
        sites = ", ".join(team.named_sites(moderator))
        charge = "owner" if moderator.is_owner else f"moderator of {sites or 'no site'}"
        came = "  (invited)" if moderator.is_invited else ""
        click.echo(f"{moderator.email}  {moderator.name}  {charge}{came}")


@moderators_group.command("add")
@click.argument("email")
@click.option("--name", default="", help="Name shown with their replies.")
@click.option("--owner", is_flag=True, help="Everything is theirs to decide.")
@click.option("--site", "keys", multiple=True, help="A site to moderate; more than once for more.")
@running.in_application
def add_command(email: str, name: str, *, owner: bool, keys: tuple[str, ...]) -> None:
    """Make EMAIL an owner, or a moderator of sites: prints a link to choose a password.

    It is good once, and for three days. Where neither is said, the first of all is an owner, and
    everybody after that a moderator of all sites that there are.
    """
    if owner and keys:
        raise click.UsageError("Say --owner, or which sites by --site.")
    chosen = [running.site(key) for key in keys] or directory.every()
    is_owner = owner or not (keys or moderators.every())
    sites = None if is_owner else frozenset(site.id for site in chosen)
    made = team.invite(email, name=name, sites=sites, by=BY)
    click.echo(_link(team.make_link(made)))


@moderators_group.command("reset")
@click.argument("email")
@running.in_application
def reset_command(email: str) -> None:
    """Let EMAIL choose a new password: prints a link, good once and for an hour.

    Who uses it is rid of a lost second step as well.
    """
    click.echo(_link(moderators.reset(email)))


@moderators_group.command("remove")
@click.argument("email")
@running.in_application
def remove_command(email: str) -> None:
    """Take EMAIL's access away at once. The last owner stays."""
    team.remove(moderators.by_email(email), by=BY)
    click.echo(f"{email} is no moderator any more.")


def _link(token: str) -> str:
    return f"{config.public_url()}/admin/password#{token}"
