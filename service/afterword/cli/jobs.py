"""``afterword jobs``: what is still to be done, and what was given up."""

from __future__ import annotations

import json

import click

from afterword.cli import running
from afterword.core import clock
from afterword.core.db import transaction
from afterword.jobs import queue
from afterword.jobs.models import Job


@click.group("jobs")
def jobs() -> None:
    """List what is to be done, and let dead jobs start anew."""


@jobs.command("list")
@click.option("--dead", is_flag=True, help="Only those that were given up.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@running.in_application
def list_command(dead: bool, as_json: bool) -> None:
    """List the jobs that wait and those that were given up (dead), a hundred of each."""
    found = queue.dead() if dead else [*queue.waiting(), *queue.dead()]
    if as_json:
        click.echo(json.dumps([_row(job) for job in found], indent=2, ensure_ascii=False))
        return
    for job in found:
        when = f"dead since {clock.text(job.died)}" if job.died else f"due {clock.text(job.due)}"
        fault = f"  {job.fault}" if job.fault else ""
        click.echo(f"{job.id}  {job.kind}  {when}  tries {job.tries}{fault}")


@jobs.command("retry")
@click.argument("numbers", type=int, nargs=-1, metavar="[ID]...")
@running.in_application
def retry_command(numbers: tuple[int, ...]) -> None:
    """Let dead jobs start anew, as if they had never been tried; the running service does them.

    All of them, or those of the numbers that ``jobs list --dead`` shows.
    """
    if not numbers:
        with transaction():
            many = queue.retry_all()
        click.echo(f"{many} start anew.")
    for number in numbers:
        with transaction():
            job = queue.retry(number)
        click.echo(f"{job.id}  {job.kind}  starts anew")


def _row(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "created": clock.text(job.created),
        "due": clock.text(job.due),
        "tries": job.tries,
        "fault": job.fault,
        "died": clock.text(job.died) if job.died else None,
    }
