"""A decision over thousands that is killed in the middle goes on, and does nothing twice."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import update

from afterword.app import opened
from afterword.core import clock, config
from afterword.core.db import transaction
from afterword.jobs.models import Job
from afterword.moderation import sweeps
from afterword.moderation.index import Wanted
from afterword.sites import directory
from afterword.threads.models import Comment, State
from tests import databases, make, running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

MANY, AWHILE = 900, 60
HANNA = "hanna@blog.example"


def inside(data, act):
    with opened(config.read(running.environment(data))):
        return act()


def seed():
    page = make.page(directory.every()[0])
    with transaction() as session:
        for _ in range(MANY):
            comment = Comment(site_id=page.site_id, page_id=page.id, name="Ada", text="Boat.")
            comment.html, comment.state = "Boat.", State.PENDING
            session.add(comment)
    return sweeps.start("approve", Wanted(state=State.PENDING), by=HANNA).id


def asked(data, question):
    return databases.rows(data, question)[0][0]


def until(data, question, holds):
    end = time.monotonic() + AWHILE
    while not holds(asked(data, question)):
        assert time.monotonic() < end, question


def let_its_claim_run_out():
    with transaction() as session:
        session.execute(update(Job).values(due=clock.now()))


@pytest.mark.parametrize("is_undone", [False, True])
def test_nothing_is_lost_or_done_twice_when_the_service_dies(tmp_path, is_undone):
    data = tmp_path / "data"
    running.installed(data, BLOG)
    sweep_id = inside(data, seed)
    if is_undone:
        with running.serving(data):
            until(data, "SELECT stage FROM sweeps", lambda stage: stage == "done")
        inside(data, lambda: sweeps.undo(sweep_id))
    half = MANY // 3
    moving = {True: lambda at: at < MANY - half, False: lambda at: at > half}[is_undone]
    with running.serving(data) as service:
        until(data, "SELECT looked_at FROM sweeps", moving)
        service.kill()
    assert databases.is_whole(data)
    assert 0 < asked(data, "SELECT looked_at FROM sweeps") < MANY
    inside(data, let_its_claim_run_out)
    with running.serving(data):
        end = "undone" if is_undone else "done"
        until(data, "SELECT stage FROM sweeps", lambda stage: stage == end)
    verb, state = ("undo", "pending") if is_undone else ("approve", "visible")
    assert asked(data, f"SELECT count(*) FROM acts WHERE verb = '{verb}'") == MANY
    assert asked(data, f"SELECT count(*) FROM comments WHERE state = '{state}'") == MANY
    assert asked(data, "SELECT count FROM pages") == (0 if is_undone else MANY)
