"""One decision over very many comments: each once, with its line in the log, and one undo."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.identity import authors
from afterword.jobs import worker
from afterword.jobs.models import Job
from afterword.moderation import actions, search, sweeps
from afterword.moderation.index import Wanted
from afterword.moderation.models import Act, Reason, Report, Stage, Sweep, Swept
from afterword.operate import migrate
from afterword.sites import changes
from afterword.threads.models import Comment, Page, State
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

HANNA, OTTO = "hanna@blog.example", "otto@blog.example"
MANY = 130  # more than two turns


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def app(request, tmp_path):
    told = {"AFTERWORD_DATA": str(tmp_path / "data")}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        yield app
    close(app)


@pytest.fixture
def waiting(app):
    """Comments that wait on one page, one of them with other words."""
    page = make.page(changes.add(BLOG))
    with transaction() as session:
        for number in range(MANY):
            text = "A good boat." if number else "Another table."
            session.add(
                Comment(
                    site_id=page.site_id,
                    page_id=page.id,
                    name="Ada",
                    text=text,
                    html=text,
                    state=State.PENDING,
                )
            )
    return page


PENDING = Wanted(state=State.PENDING)


def work():
    """Do jobs until none is due."""
    while worker.do_next():
        pass


def states():
    rows = db.session.execute(select(Comment.state, func.count()).group_by(Comment.state)).all()
    db.session.commit()
    return dict(rows)


def test_all_that_match_are_decided_over_and_each_has_its_line(waiting):
    sweep = sweeps.start("approve", PENDING, by=HANNA)
    assert (sweep.stage, sweep.total, sweeps.count(PENDING)) == (Stage.RUNNING, MANY, MANY)
    work()
    sweep = sweeps.find(sweep.id)
    assert (sweep.stage, sweep.looked_at, sweep.moved) == (Stage.DONE, MANY, MANY)
    assert states() == {State.VISIBLE: MANY}
    acts = db.session.scalars(select(Act)).all()
    assert Counter((act.verb, act.by) for act in acts) == {("approve", HANNA): MANY}
    assert len({act.comment_id for act in acts}) == MANY
    assert db.session.get(Page, waiting.id, populate_existing=True).count == MANY


def test_one_undo_takes_all_of_it_back(waiting):
    before = states()
    sweep = sweeps.start("spam", PENDING, by=HANNA)
    work()
    assert sweeps.undo(sweep.id).stage is Stage.UNDOING
    work()
    sweep = sweeps.find(sweep.id)
    assert (sweep.stage, sweep.looked_at, sweep.moved) == (Stage.UNDONE, 0, 0)
    assert states() == before
    assert sweeps.undo(sweep.id).stage is Stage.UNDONE  # twice is once


def test_only_what_matches_is_decided_over(waiting):
    wanted = Wanted(state=State.PENDING, query=search.read("table"))
    sweep = sweeps.start("remove", wanted, by=HANNA)
    assert sweep.total == 1
    work()
    assert states() == {State.PENDING: MANY - 1, State.REMOVED: 1}


def test_what_comes_after_its_start_is_left(waiting):
    sweeps.start("spam", PENDING, by=HANNA)
    late = make.comment(waiting, state=State.PENDING)
    work()
    assert db.session.get(Comment, late.id, populate_existing=True).state is State.PENDING


def test_what_others_decided_meanwhile_stays_and_no_undo_touches_it(waiting):
    some = list(db.session.scalars(select(Comment.id).order_by(Comment.id).limit(7)))
    sweep = sweeps.start("approve", PENDING, by=HANNA)
    actions.spam(some[:3], by=OTTO)
    work()
    assert sweeps.find(sweep.id).moved == MANY - 3
    actions.remove(some[3:], by=OTTO)
    sweeps.undo(sweep.id)
    work()
    assert states() == {State.PENDING: MANY - 7, State.SPAM: 3, State.REMOVED: 4}
    assert sweeps.find(sweep.id).moved == 4  # and it says how many


def test_what_somebody_else_kept_meanwhile_stays(waiting):
    reported = [make.comment(waiting, minute=n).id for n in range(3)]
    shown = clock.now() - dt.timedelta(seconds=1)
    with transaction() as session:
        reader = authors.find_or_add("r" * 43, site_id=waiting.site_id)
        session.add_all(
            Report(comment_id=one, author_id=reader.id, reason=Reason.SPAM, at=shown)
            for one in reported
        )
    wanted = Wanted(state=State.VISIBLE, is_reported=True)
    sweep = sweeps.start("spam", wanted, by=HANNA, until=shown)
    actions.approve(reported[:2], by=OTTO)
    work()
    assert states() == {State.PENDING: MANY, State.VISIBLE: 2, State.SPAM: 1}
    assert sweeps.find(sweep.id).moved == 1


def test_it_can_be_stopped_and_what_was_done_by_then_be_taken_back(waiting):
    sweep = sweeps.start("approve", PENDING, by=HANNA)
    assert sweeps._step(sweep.id, is_last=False)
    with pytest.raises(Conflict):
        sweeps.undo(sweep.id)
    assert sweeps.stop(sweep.id).stage is Stage.STOPPED
    work()
    assert states() == {State.PENDING: MANY - sweeps.AT_ONCE, State.VISIBLE: sweeps.AT_ONCE}
    sweeps.undo(sweep.id)
    work()
    assert states() == {State.PENDING: MANY}
    assert sweeps.stop(sweep.id).stage is Stage.UNDONE


def test_after_its_turn_a_further_job_goes_on(waiting, monkeypatch):
    monkeypatch.setattr(sweeps, "TURN_SECONDS", -1)
    sweep = sweeps.start("approve", PENDING, by=HANNA)
    turns = 0
    while worker.do_next():
        turns += 1
    assert turns == 3
    assert sweeps.find(sweep.id).stage is Stage.DONE
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_turn_that_ended_in_the_middle_is_gone_on_with_and_nothing_is_done_twice(
    waiting, monkeypatch
):
    sweep = sweeps.start("approve", PENDING, by=HANNA)
    steps = iter(range(10))
    inner = actions.move_within

    def dies(*words, **named):
        moved = inner(*words, **named)
        if next(steps) == 1:
            raise RuntimeError("as if the power went")
        return moved

    monkeypatch.setattr(actions, "move_within", dies)
    assert worker.do_next()
    db.session.rollback()
    assert sweeps.find(sweep.id).looked_at == sweeps.AT_ONCE
    assert states()[State.VISIBLE] == sweeps.AT_ONCE
    with transaction() as session:
        session.execute(update(Job).values(due=clock.now()))
    work()
    assert sweeps.find(sweep.id).moved == MANY
    assert db.session.scalar(select(func.count()).select_from(Act)) == MANY


def test_where_nothing_matches_nothing_starts(waiting):
    with pytest.raises(Conflict):
        sweeps.start("approve", Wanted(state=State.SPAM), by=HANNA)
    assert db.session.scalar(select(func.count()).select_from(Sweep)) == 0


def test_old_ones_are_forgotten(waiting):
    old = sweeps.start("approve", PENDING, by=HANNA)
    work()
    with transaction() as session:
        session.execute(update(Sweep).values(at=clock.now() - sweeps.KEPT * 2))
    sweeps.start("spam", Wanted(state=State.VISIBLE), by=OTTO)
    assert sweeps.find(old.id) is None
    assert sweeps.recent(HANNA) == []
    assert [one.by for one in sweeps.recent(OTTO)] == [OTTO]
    assert db.session.scalar(select(func.count()).select_from(Swept)) == MANY
    with pytest.raises(NotFound):
        sweeps.undo(old.id)
