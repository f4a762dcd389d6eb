"""``afterword moderate``: try other choices on the comments that came."""

from __future__ import annotations

import json
from typing import Any

import click

from afterword.cli import running
from afterword.core import clock
from afterword.markup import plain
from afterword.posting import rehearse
from afterword.posting.rehearse import LAST, NOT_REPLAYED, Decision, Outcome, Rehearsal, Rehearsed
from afterword.threads.models import State

WORDS = {
    Outcome.APPEAR: "would appear",
    Outcome.WAIT: "would wait",
    Outcome.REFUSED: "would be refused",
}


@click.command("moderate")
@click.argument("rules", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.option("--dry-run", is_flag=True, help="Only say what would be done; needed, as yet.")
@click.option("--site", "key", metavar="KEY", help="Only with comments of this site.")
@click.option(
    "--last",
    type=click.IntRange(1, 10_000),
    default=LAST,
    show_default=True,
    help="With so many comments, the newest.",
)
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
@running.in_application
def moderate_command(
    rules: tuple[str, ...], dry_run: bool, key: str | None, last: int, as_json: bool
) -> None:
    """Say what other options would have done.

    It goes through the comments that came last by the checks and rules for new ones.
    NAME=VALUE are options as sites set takes them, like policy=hold-links max_links=1; those that
    are not named stay as each site has them. Nothing is written or learned, nobody is asked.
    """
    if not dry_run:
        raise click.UsageError("Say --dry-run. To keep options: afterword sites set.")
    written = running.choices(rules)
    found = rehearse.rehearse(written, site_id=running.site(key).id if key else None, last=last)
    if as_json:
        shown = _object(found, running.said(written))
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    click.echo(f"{running.said(written)}, with the last {len(found.comments)} comments:\n")
    _table(found)
    different = found.different
    click.echo(f"\nTreated differently than by the choices as they are: {len(different)}")
    for one in different:
        _line(one)
    click.echo("\nWhat cannot be told:")
    for sentence in NOT_REPLAYED:
        click.echo(f"- {sentence}")


def _table(found: Rehearsal) -> None:
    states = "".join(f"{state.value:>10}" for state in State)
    click.echo(f"{'now:':>22}{states}")
    for outcome, counts in found.counts.items():
        numbers = "".join(f"{counts[state]:10}" for state in State)
        click.echo(f"{WORDS[outcome]:17}{sum(counts.values()):5}{numbers}")
    if found.challenged:
        click.echo(f"{found.challenged} of those that would appear: after a second of work.")


def _line(one: Rehearsed) -> None:
    comment, moved = one.comment, f"{one.present.outcome} -> {one.tried.outcome}"
    name, words = comment.name or "Anonymous", plain.excerpt(comment.html, 60)
    click.echo(f"{comment.id}  {moved:17}  now {comment.state.value:8} {name}: {words}")
    for reason in one.tried.reasons or one.present.reasons:
        click.echo(f"    {reason}")


def _object(found: Rehearsal, rules: str) -> dict[str, Any]:
    return {
        "rules": rules,
        "comments": len(found.comments),
        "would": {
            outcome.value: {state.value: count for state, count in counts.items()}
            for outcome, counts in found.counts.items()
        },
        "challenged": found.challenged,
        "different": [_different(one) for one in found.different],
        "not_replayed": list(NOT_REPLAYED),
    }


def _different(one: Rehearsed) -> dict[str, Any]:
    comment = one.comment
    return {
        "id": comment.id,
        "page": {"url": comment.page.url},
        "name": comment.name,
        "text": comment.text,
        "created": clock.text(comment.created),
        "state": comment.state.value,
        "present": _decision(one.present),
        "tried": _decision(one.tried),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "reasons": list(decision.reasons),
        "is_challenged": decision.is_challenged,
    }
