"""``afterword spam``: try the learning filter, take along what it has learned."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import click

from afterword.cli import running
from afterword.spam import state, trial
from afterword.spam.checks.learned import HOLD_FROM
from afterword.spam.trial import Held

STEPS = 10
THRESHOLDS = (0.5, 0.6, 0.7, HOLD_FROM, 0.85, 0.9, 0.95)


@click.group()
def spam() -> None:
    """Try the learning filter; take along what it learned."""


@spam.command("try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--shuffle", type=int, metavar="SEED", help="In a random order, not that of time.")
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
def try_command(file: str, shuffle: int | None, as_json: bool) -> None:
    """Say what the filter would have held of the comments in FILE (- for standard input).

    FILE is a CSV whose first line names the columns text and is_spam (1 or 0), and if there are
    such: date, name, website. The comments are judged in order of time by a filter that begins
    with what it ships with and is told after each what it was. Nothing is stored.
    """
    with click.open_file(file, encoding="utf-8-sig") as table:
        examples = trial.read(table)
    if shuffle is not None:
        random.Random(shuffle).shuffle(examples)  # noqa: S311 - an order, no secret
    judged = list(trial.run(examples))
    ends = sorted({len(judged) * step // STEPS for step in range(1, STEPS + 1)} - {0})
    curve = [(end, trial.held(judged[:end], at=HOLD_FROM)) for end in ends]
    thresholds = [(at, trial.held(judged, at=at)) for at in THRESHOLDS]
    whole = trial.held(judged, at=HOLD_FROM)
    if as_json:
        click.echo(json.dumps(_figures(whole, curve, thresholds), indent=2))
        return
    click.echo(f"{len(judged)} comments: {whole.of_good} good, {whole.of_spam} spam.")
    click.echo(f"Held from {HOLD_FROM} on: {_said(whole)}\n")
    click.echo("  After   Good held           Spam held")
    for end, held in curve:
        click.echo(f"{end:7}   {_said(held)}")
    click.echo("\nHad it held from another probability on:")
    for at, held in thresholds:
        click.echo(f"{at:7.2f}   {_said(held)}")


@spam.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site whose filter it is.")
@running.in_application
def export_command(file: str, key: str) -> None:
    """Write what a site's filter has learned to FILE (- for standard output).

    The file holds digests and counts: no words, no names, no addresses.
    """
    written = json.dumps(state.write(running.site(key).id), separators=(",", ":")) + "\n"
    if file == "-":
        click.echo(written, nl=False)
        return
    Path(file).write_text(written, encoding="utf-8")


@spam.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--site", "key", required=True, metavar="KEY", help="Site whose filter takes it.")
@click.option("--add", is_flag=True, help="Also when it has learned already: add to that.")
@running.in_application
def import_command(file: str, key: str, add: bool) -> None:
    """Give a site's filter what another one has learned, from FILE (- for standard input)."""
    with click.open_file(file, encoding="utf-8") as source:
        count = state.read(source.read(), site_id=running.site(key).id, add=add)
    click.echo(f"The filter of {running.site(key).key} took in {count} features.")


@spam.command("forget")
@click.option("--site", "key", required=True, metavar="KEY", help="Site whose filter begins anew.")
@running.in_application
def forget_command(key: str) -> None:
    """Let a site's filter begin anew."""
    site = running.site(key)
    click.echo(f"The filter of {site.key} forgot {state.forget(site.id)} features.")


def _figures(
    whole: Held, curve: list[tuple[int, Held]], thresholds: list[tuple[float, Held]]
) -> dict[str, Any]:
    return {
        "held": _row(whole),
        "curve": [{"after": end, **_row(held)} for end, held in curve],
        "thresholds": [{"from": at, **_row(held)} for at, held in thresholds],
    }


def _row(held: Held) -> dict[str, Any]:
    return {
        "good": held.of_good,
        "good_held": held.good,
        "spam": held.of_spam,
        "spam_held": held.spam,
    }


def _said(held: Held) -> str:
    return f"{_share(held.good, held.of_good):20}{_share(held.spam, held.of_spam)}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "-"
