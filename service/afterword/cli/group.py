"""The ``afterword`` command itself: its commands by name, and how failures are said."""

from __future__ import annotations

import gc
import os
from typing import Any

import click

from afterword.core import registry
from afterword.core.config import WrongSetting
from afterword.core.errors import Problem
from afterword.operate import unusable
from afterword.operate.backup import CannotBackUp
from afterword.operate.migrate import BrokenDatabase
from afterword.sites.options import WrongOption
from afterword.spam.state import BadState
from afterword.spam.trial import BadTable
from afterword.transfer.bake.remote import Away
from afterword.transfer.reading import BadFile

COMMANDS = {
    "serve": "afterword.cli.serve:serve_command",
    "demo": "afterword.cli.serve:demo_command",
    "init": "afterword.cli.operate:init_command",
    "sites": "afterword.cli.sites:sites",
    "pages": "afterword.cli.pages:pages",
    "comments": "afterword.cli.comments:comments",
    "moderate": "afterword.cli.moderate:moderate_command",
    "bans": "afterword.cli.bans:bans_group",
    "spam": "afterword.cli.spam:spam",
    "person": "afterword.cli.person:person_command",
    "erase": "afterword.cli.person:erase_command",
    "jobs": "afterword.cli.jobs:jobs",
    "moderators": "afterword.cli.moderators:moderators_group",
    "import": "afterword.cli.transfer:import_command",
    "import-upload": "afterword.cli.transfer:import_upload_command",
    "export": "afterword.cli.transfer:export_command",
    "bake": "afterword.cli.bake:bake_command",
    "migrate": "afterword.cli.operate:migrate_command",
    "backup": "afterword.cli.operate:backup_command",
    "restore": "afterword.cli.operate:restore_command",
    "rotate-secret": "afterword.cli.operate:rotate_command",
    "doctor": "afterword.cli.operate:doctor_command",
}
# What an owner can act on: said in one sentence. Anything else is a fault of ours, with its trace.
EXPECTED = (
    Problem,
    WrongSetting,
    WrongOption,
    BrokenDatabase,
    CannotBackUp,
    BadFile,
    BadState,
    BadTable,
    Away,
)


class _Commands(click.Group):
    """Imports a command when it is asked for, so that each starts as fast as it can."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click names it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        dotted = COMMANDS.get(cmd_name)
        return registry.load(dotted) if dotted else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EXPECTED as refusal:
            raise click.ClickException(str(refusal)) from None
        except unusable.FAULTS as fault:
            raise click.ClickException(unusable.refusal(fault)) from None
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise  # a closed pipe, which click ends quietly; or a fault of ours
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from None


@click.group(cls=_Commands)
@click.version_option(package_name="afterword")
def cli() -> None:
    """Comments for any web page: serve them, moderate them, move them in and out.

    Settings are environment variables that begin with AFTERWORD_; docs/configure.md lists them.
    """
    os.umask(0o077)  # the database and its journal hold e-mail addresses: for this user only
    if not gc.isenabled():  # the command's modules are here by now
        gc.freeze()
        gc.enable()
