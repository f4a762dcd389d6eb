"""``afterword person`` and ``afterword erase``: one person's data, to hand out or to take away."""

from __future__ import annotations

import json
import sys

import click

from afterword.cli import running
from afterword.core.errors import BadEmail
from afterword.markup import plain
from afterword.operate import person
from afterword.operate.person import Person

BY = "command line"


@click.command("person")
@click.argument("email")
@running.in_application
def person_command(email: str) -> None:
    """Print all that is kept of the owner of EMAIL, as JSON."""
    click.echo(json.dumps(person.written(_find(email)), indent=2, ensure_ascii=False))


@click.command("erase")
@click.option("--email", required=True, help="Whose data goes, on every site of this service.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@running.in_application
def erase_command(email: str, yes: bool) -> None:
    """Take away all that is kept of the owner of an address. It cannot be undone.

    Comments become empty places where others have answered them. Backups keep what they hold. Who
    types it is asked first; a script is not.
    """
    found = _find(email)
    count = len(person.comments(found))
    if not yes and sys.stdin.isatty():
        whose = ", ".join(found.emails)
        click.confirm(f"{count} comments with {whose} go for good. Erase them?", abort=True)
    person.erase(found, by=BY)
    click.echo(f"{count} comments are erased, with all about their author.")


def _find(written: str) -> Person:
    email = plain.email(written)
    if email is None:
        raise BadEmail("Say whose address, e.g. ada@reader.example.")
    return person.find(email)
