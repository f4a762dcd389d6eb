"""One decision over all comments that match, however many: a job, with progress and one undo.

What it is about is written down when it starts, so that what comes later is not decided over
unseen. A few comments a transaction, with how far it is: one that is cut short goes on where it
was, and does nothing twice; whoever posts meanwhile waits for a few comments only.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, insert, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.moderation import actions, audit, index, reports
from afterword.moderation.actions import Seen, as_seen
from afterword.moderation.index import Wanted
from afterword.moderation.models import Act, Stage, Sweep, Swept
from afterword.threads.models import Comment

MOST: Final = 50_000  # comments in one
AT_ONCE: Final = 50  # in a transaction
PAUSE_SECONDS: Final = 0.01  # after it: a lock is not fair, who waits would be passed over
TURN_SECONDS: Final = 3.0  # then other jobs have theirs, and a service that stops waits no longer
KEPT: Final = dt.timedelta(days=30)

VERBS: Final = ("approve", "spam", "remove", "restore")
AT_WORK: Final = {Stage.RUNNING, Stage.UNDOING}


def count(wanted: Wanted) -> int:
    """How many comments match; of more than ``MOST`` as many."""
    return index.count(wanted, most=MOST)


def start(verb: str, wanted: Wanted, *, by: str, until: dt.datetime | None = None) -> Sweep:
    """Decide over all comments that match, the newest ``MOST`` of them. Raises Conflict.

    ``verb`` is one of ``VERBS``. What came or was edited after ``until`` (now, where nothing is
    said) stays as it is, and of what was reported what was not by then.
    """
    until = min(until or clock.now(), clock.now())
    came = select(Comment.id).where(Comment.state == wanted.state, Comment.created > until)
    later = set(db.session.scalars(came.limit(MOST)))
    if wanted.is_reported:
        later |= reports.only_since(until)
    found = index.find(wanted, is_newest_first=True, after=None, limit=MOST).ids
    found = [one for one in found if one not in later]
    sites = None if wanted.sites is None else sorted(wanted.sites)
    return _begin(found, Sweep(by=by, verb=verb, was=wanted.state, sites=sites, at=until))


def over(comments: Sequence[Comment], verb: str, *, by: str, seen: Seen) -> Sweep:
    """Decide over these comments, in the state in which they were ``seen``. Raises Conflict.

    Those that read otherwise by now stay as they are.
    """
    sites = sorted({one.site_id for one in comments})
    found = [one.id for one in comments if seen.texts.get(one.id, as_seen(one)) == as_seen(one)]
    at = seen.at or clock.now()
    return _begin(found, Sweep(by=by, verb=verb, was=seen.state, sites=sites, at=at))


def _begin(found: list[str], sweep: Sweep) -> Sweep:
    if not found:
        raise Conflict(_("No comment matches any more, so nothing was done."))
    sweep.total = len(found)
    with transaction() as session:
        session.execute(delete(Sweep).where(Sweep.at < clock.now() - KEPT))
        session.add(sweep)
        session.flush()
        rows = [
            {"sweep_id": sweep.id, "number": number, "comment_id": comment_id}
            for number, comment_id in enumerate(found)
        ]
        session.execute(insert(Swept), rows)
        queue.add("sweep", {"sweep_id": sweep.id})
    return sweep


def find(sweep_id: str) -> Sweep | None:
    """A sweep as it is now."""
    return db.session.get(Sweep, sweep_id, populate_existing=True)


def recent(by: str, *, limit: int = 3) -> list[Sweep]:
    """Somebody's last sweeps of a day, the newest first."""
    rows = select(Sweep).where(Sweep.by == by, Sweep.at > clock.now() - dt.timedelta(days=1))
    return list(db.session.scalars(rows.order_by(Sweep.at.desc()).limit(limit)))


def stop(sweep_id: str) -> Sweep:
    """Decide over no more of them. Raises NotFound. One that is at its end stays there."""
    with transaction():
        sweep = _locked(sweep_id)
        if sweep.stage is Stage.RUNNING:
            sweep.stage = Stage.STOPPED
    return sweep


def undo(sweep_id: str) -> Sweep:
    """Take back all that it moved, unless somebody decided anew. Raises NotFound, Conflict."""
    with transaction():
        sweep = _locked(sweep_id)
        if sweep.stage is Stage.RUNNING:
            raise Conflict(_("It is not at its end yet: stop it first."))
        if sweep.stage in {Stage.DONE, Stage.STOPPED}:
            sweep.stage = Stage.UNDOING
            queue.add("sweep", {"sweep_id": sweep.id})
    return sweep


def run(sweep_id: str) -> None:
    """Go on with a sweep, or with its undo, for a while; a further job does the rest."""
    until = time.monotonic() + TURN_SECONDS
    while _step(sweep_id, is_last=time.monotonic() > until):
        time.sleep(PAUSE_SECONDS)


def _step(sweep_id: str, *, is_last: bool) -> bool:
    """Do the next few, and answer whether this job is to go on."""
    with transaction():
        sweep = db.session.get(Sweep, sweep_id, populate_existing=True, with_for_update=True)
        if sweep is None or sweep.stage not in AT_WORK:
            return False
        if sweep.stage is Stage.RUNNING:
            _decide(sweep)
        else:
            _take_back(sweep)
        if sweep.stage in AT_WORK and is_last:
            queue.add("sweep", {"sweep_id": sweep.id})
        return sweep.stage in AT_WORK and not is_last


def _decide(sweep: Sweep) -> None:
    part = _part(sweep, sweep.looked_at)
    ids = [one.comment_id for one in part]
    seen = Seen(state=sweep.was, at=sweep.at)
    moved = actions.move_within(ids, sweep.verb, by=sweep.by, seen=seen)
    db.session.flush()
    acts = {act.comment_id: act.id for act in audit.last_moves(moved)}
    for one in part:
        one.act_id = acts.get(one.comment_id)
    sweep.looked_at += AT_ONCE
    sweep.moved += len(moved)
    if sweep.looked_at >= sweep.total:
        sweep.looked_at, sweep.stage = sweep.total, Stage.DONE


def _take_back(sweep: Sweep) -> None:
    start = max(0, sweep.looked_at - AT_ONCE)
    numbers = [one.act_id for one in _part(sweep, start) if one.act_id is not None]
    acts = db.session.scalars(select(Act).where(Act.id.in_(numbers)).order_by(Act.id)).all()
    sweep.moved -= len(actions.undo_within(acts, by=sweep.by))
    sweep.looked_at = start
    if start == 0:
        sweep.stage = Stage.UNDONE


def _part(sweep: Sweep, start: int) -> list[Swept]:
    rows = select(Swept).where(
        Swept.sweep_id == sweep.id, Swept.number >= start, Swept.number < start + AT_ONCE
    )
    return list(db.session.scalars(rows.order_by(Swept.number)))


def _locked(sweep_id: str) -> Sweep:
    sweep = db.session.get(Sweep, sweep_id, populate_existing=True, with_for_update=True)
    if sweep is None:
        raise NotFound(_("There is no such decision, or it was too long ago."))
    return sweep
