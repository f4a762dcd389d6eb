"""``afterword moderators``: who may decide, and how a forgotten password is mended."""

from __future__ import annotations

import click

from afterword.cli import running
from afterword.core import config
from afterword.core.errors import NotFound
from afterword.identity import moderators


@click.group("moderators")
def moderators_group() -> None:
    """List, add and remove moderators; give them new passwords."""


@moderators_group.command("list")
@running.in_application
def list_command() -> None:
    """List the moderators."""
    for moderator in moderators.every():
        click.echo(f"{moderator.email}  {moderator.name}")


@moderators_group.command("add")
@click.argument("email")
@click.option("--name", default="", help="Name shown with their replies.")
@running.in_application
def add_command(email: str, name: str) -> None:
    """Make EMAIL a moderator: prints a link, good once and for an hour, to choose a password."""
    click.echo(_link(moderators.invite(email, name=name)))


@moderators_group.command("reset")
@click.argument("email")
@running.in_application
def reset_command(email: str) -> None:
    """Let EMAIL choose a new password: prints a link, good once and for an hour."""
    if moderators.find(email) is None:
        raise NotFound(f"{email} is not a moderator.")
    click.echo(_link(moderators.invite(email)))


@moderators_group.command("remove")
@click.argument("email")
@running.in_application
def remove_command(email: str) -> None:
    """Take EMAIL's access away at once."""
    moderators.remove(email)
    click.echo(f"{email} is no moderator any more.")


def _link(token: str) -> str:
    return f"{config.public_url()}/admin/password#{token}"
