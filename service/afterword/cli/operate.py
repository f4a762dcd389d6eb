"""``afterword init``, ``migrate``, ``backup``, ``restore``, ``rotate-secret`` and ``doctor``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import click

from afterword.cli import running
from afterword.core import signing
from afterword.operate import backup, doctor, init, migrate
from afterword.operate.finding import Finding, Grade

STANDARD: Final = Path("-")  # standard input or output in a file's place


@click.command("init")
@click.option("--site-origin", required=True, metavar="URL", help="Address of the blog.")
@click.option("--site-name", default="", help="Name of the blog.")
@click.option("--admin-email", help="Address of the first moderator.")
@click.option(
    "--admin-password-file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File that holds the moderator's password.",
)
@running.in_application
def init_command(
    site_origin: str, site_name: str, admin_email: str | None, admin_password_file: Path | None
) -> None:
    """Make the first site and moderator. Run again, it changes nothing that is there."""
    if bool(admin_email) != bool(admin_password_file):
        raise click.UsageError("--admin-email and --admin-password-file go together.")
    site = init.site(site_origin, name=site_name)
    click.echo(f"The site {site.key} is set up.")
    if admin_email and admin_password_file:
        with click.open_file(str(admin_password_file), encoding="utf-8") as file:
            password = file.read().rstrip("\r\n")
        made = init.moderator(admin_email, password=password)
        said = "can log in" if made else "is a moderator already; the password stays as it is"
        click.echo(f"{admin_email} {said}.")


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the shape that this version needs.

    Each start does it by itself. Where the service's user of PostgreSQL may not change tables, run
    this before it starts, as the user who owns them.
    """
    made = migrate.upgrade(running.settings())
    click.echo(f"The database is at {migrate.head()} ({len(made) or 'no'} changes were made).")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@running.until_told_to_end
def backup_command(file: Path) -> None:
    """Copy the database to FILE while the service goes on. - is standard output.

    The copy is checked before it takes the place of an earlier one. The secret keys are not in
    it: keep data/secret_keys apart.
    """
    if file == STANDARD:
        count = backup.send(running.settings(), sys.stdout.buffer)
        click.echo(f"The copy holds {count} comments.", err=True)
        return
    count = backup.backup(running.settings(), file)
    click.echo(f"{file} holds {count} comments.")


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@running.until_told_to_end
def restore_command(file: Path) -> None:
    """Put the backup FILE in the database's place. - is standard input.

    What was there is kept beside it.
    """
    if file == STANDARD:
        count = backup.receive(running.settings(), sys.stdin.buffer)
        click.echo(f"The database holds {count} comments from standard input.")
        return
    count = backup.restore(running.settings(), file)
    click.echo(f"The database holds {count} comments from {file}.")


@click.command("rotate-secret")
@click.option("--forget", is_flag=True, help="Believe nothing that older keys signed: they leaked.")
def rotate_command(forget: bool) -> None:
    """Sign with a new secret key. Start the service again afterwards.

    Open forms, links in mails and addresses of feeds stay valid by the older keys, of which nine
    are kept, unless you say --forget. Moderators stay logged in. Bans of a network end, and bans of
    an address whose owner had it erased: what they are called depends on the newest key.
    """
    kept = signing.rotate(running.settings(), forget=forget)
    click.echo(f"A new key is written ({kept} in all). Start the service again to use it.")


@click.command("doctor")
@click.option("--mail", "address", metavar="ADDRESS", help="Send a mail there, to see it arrive.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def doctor_command(address: str | None, as_json: bool) -> None:
    """Look for trouble and say how to mend it. Exit code 1 when something is wrong."""
    findings = doctor.examine(running.settings())
    if address is not None:
        findings.append(_try_mail(address))
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.grade.value:5} {finding.about}: {finding.sentence}")
    if any(finding.grade is Grade.WRONG for finding in findings):
        raise SystemExit(1)


@running.in_application
def _try_mail(address: str) -> Finding:
    from afterword.jobs.kinds import Failed, Hopeless
    from afterword.notify import trial

    try:
        trial.send(address)
    except (Failed, Hopeless) as fault:
        return Finding(Grade.WRONG, "mail", str(fault))
    sentence = f"The mail server took a mail to {address}. Did it arrive, and not as spam?"
    return Finding(Grade.FINE, "mail", sentence)
