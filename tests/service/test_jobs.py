"""Jobs: kept with their transaction, done once, tried again, given up in sight."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.jobs import kinds, queue, worker
from afterword.jobs.kinds import Failed, Hopeless
from afterword.jobs.models import Job
from afterword.operate import migrate
from tests import running

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]

done: list[str] = []


def do(word: str) -> None:
    if word == "hopeless":
        raise Hopeless("There is no such mailbox.")
    if word == "down":
        raise Failed("The mail server does not answer.")
    if word == "bug":
        raise ZeroDivisionError
    done.append(word)


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    done.clear()
    monkeypatch.setitem(kinds.KINDS, "say", f"{__name__}:do")


def add(word: str, **changed) -> None:
    with transaction():
        queue.add("say", {"word": word}, **changed)


def only() -> Job:
    db.session.expire_all()
    return db.session.scalars(select(Job)).one()


def do_all() -> None:
    while worker.do_next():
        pass


def test_a_job_is_done_once_and_its_row_goes():
    add("one")
    do_all()
    assert done == ["one"]
    assert queue.totals() == (0, 0)


def test_a_job_of_a_transaction_that_fails_never_was():
    def fail() -> None:
        with transaction():
            queue.add("say", {"word": "one"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    do_all()
    assert done == []


def test_jobs_are_done_in_the_order_in_which_they_are_due():
    now = clock.now()
    add("second", due=now - dt.timedelta(seconds=1))
    add("first", due=now - dt.timedelta(seconds=2))
    do_all()
    assert done == ["first", "second"]


def test_a_job_is_not_done_before_it_is_due():
    add("later", due=clock.now() + dt.timedelta(hours=1))
    do_all()
    assert done == []
    assert queue.totals() == (1, 0)


def test_a_job_that_somebody_has_taken_is_nobody_elses():
    add("one")
    assert queue.claim() is not None
    assert queue.claim() is None


def test_a_job_whose_worker_was_killed_is_taken_again_by_the_next(monkeypatch):
    add("one")
    queue.claim()  # and is never heard of again
    later = clock.now() + queue.HELD + dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    do_all()
    assert done == ["one"]


def test_a_slow_worker_does_not_end_the_job_that_another_has_by_now(monkeypatch):
    add("one")
    slow = queue.claim()
    later = clock.now() + queue.HELD + dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    queue.claim()
    queue.finish(slow)
    queue.put_back(slow, "It took too long.")
    assert only().fault is None


def test_what_fails_waits_longer_each_time_and_says_why():
    add("down")
    before = clock.now()
    do_all()
    job = only()
    assert (job.tries, job.fault) == (1, "The mail server does not answer.")
    assert job.due > before + dt.timedelta(seconds=20)


def test_after_eight_tries_a_job_is_dead_and_stays_to_be_seen():
    add("down")
    for _ in range(queue.MOST_TRIES):
        with transaction():
            only().due = clock.now()
        do_all()
    assert only().died is not None
    assert queue.totals() == (0, 1)


def test_what_was_given_up_goes_after_thirty_days():
    add("hopeless")
    do_all()
    for days, is_kept in ((29, True), (31, False)):
        with transaction():
            db.session.scalars(select(Job)).one().died = clock.now() - dt.timedelta(days=days)
        add("one")
        do_all()
        assert queue.totals() == (0, int(is_kept))


def test_what_is_hopeless_is_not_tried_again():
    add("hopeless")
    do_all()
    assert (only().tries, only().fault) == (1, "There is no such mailbox.")
    assert [job.id for job in queue.dead()] == [only().id]


def test_a_fault_of_ours_is_logged_and_stops_no_other_job(caplog):
    add("bug", due=clock.now() - dt.timedelta(seconds=1))
    add("two")
    do_all()
    assert done == ["two"]
    assert "ZeroDivisionError" in caplog.text
    assert only().fault == "A fault of ours, ZeroDivisionError: see the log."


def test_a_job_that_ends_the_service_each_time_is_given_up_in_the_end():
    add("one")
    with transaction():
        only().tries = queue.MOST_TRIES
    do_all()
    do_all()  # and what tells of it
    assert done == []
    assert only().fault == "It ended the service each time."


def test_a_dead_job_can_start_anew():
    add("hopeless")
    do_all()
    with transaction():
        only().payload = {"word": "now"}
    with transaction():
        queue.retry(only().id)
    do_all()
    assert done == ["now"]


def test_only_what_is_dead_can_start_anew():
    add("one")
    with pytest.raises(NotFound, match="no dead job"), transaction():
        queue.retry(only().id)


@given(st.integers(min_value=1, max_value=10_000))
def test_no_wait_is_longer_than_eight_hours_or_shorter_than_twenty_seconds(tries):
    assert dt.timedelta(seconds=20) < queue.wait(tries) < dt.timedelta(hours=8)


def test_a_look_that_finds_nothing_takes_no_write_lock():
    begun = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: begun.append(told[2]))
    assert queue.claim() is None
    assert not any("IMMEDIATE" in statement for statement in begun)


def test_the_worker_does_what_is_added_while_it_runs_until_it_is_stopped(app, monkeypatch):
    called = threading.Event()
    monkeypatch.setattr(f"{__name__}.do", lambda word: called.set())
    monkeypatch.setattr(worker.registry, "load", lambda _: do)
    works = worker.Worker(app.app_context, {"say"})
    works.start()
    add("one")
    assert called.wait(10)
    works.stop()
    assert queue.totals() == (0, 0)


def test_a_host_that_hangs_keeps_no_sign_in_code(app, monkeypatch):
    hangs, answers, sent = threading.Event(), threading.Event(), threading.Event()

    def call() -> None:
        hangs.set()
        answers.wait(30)

    kinds_of = {"webhook": call, "sign-in": sent.set}
    for name in kinds_of:
        monkeypatch.setitem(kinds.KINDS, name, name)
    monkeypatch.setattr(worker.registry, "load", kinds_of.__getitem__)
    with transaction():
        queue.add("webhook", {})
    works = [worker.Worker(app.app_context, lane) for lane in kinds.LANES]
    for one in works:
        one.start()
    assert hangs.wait(10)
    with transaction():
        queue.add("sign-in", {})
    came = sent.wait(10)
    answers.set()
    for one in works:
        one.stop()
    assert came
    assert queue.totals() == (0, 0)


def test_each_kind_has_one_worker_that_does_it():
    done_by = sorted(name for lane in kinds.LANES for name in lane)
    assert done_by == sorted(kinds.KINDS.keys() - {"say"})


@pytest.mark.slow
def test_two_workers_on_postgresql_never_do_the_same_job(postgresql, tmp_path):
    from afterword.app import close, create_app
    from afterword.core import config

    told = {"AFTERWORD_DATA": str(tmp_path), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)

    def work() -> None:
        with app.app_context():
            do_all()

    with app.app_context():
        for number in range(40):
            add(str(number))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close(app)
    assert sorted(done, key=int) == [str(number) for number in range(40)]


def test_the_command_lists_jobs_without_their_contents(settings):
    add("hopeless")
    do_all()
    add("later", due=clock.now() + dt.timedelta(hours=1))
    db.session.commit()
    listed = running.command(settings.data, "jobs", "list", "--json")
    waiting, dead = json.loads(listed.stdout)
    assert waiting["died"] is None
    assert dead["fault"] == "There is no such mailbox."
    assert "later" not in listed.stdout
    said = running.command(settings.data, "jobs", "list").stdout
    assert "There is no such mailbox." in said
    only_dead = json.loads(
        running.command(settings.data, "jobs", "list", "--dead", "--json").stdout
    )
    assert [job["id"] for job in only_dead] == [dead["id"]]


def test_the_command_lets_dead_jobs_start_anew(settings):
    add("hopeless")
    do_all()
    assert running.command(settings.data, "jobs", "retry", "77").returncode == 1
    assert running.command(settings.data, "jobs", "retry").returncode == 0
    assert queue.totals() == (1, 0)


def test_a_job_that_cannot_even_be_read_stops_no_other(app, monkeypatch):
    """As of a file that is damaged in one place."""
    called, tries = threading.Event(), iter([ValueError("not JSON")])

    def look(_kinds):
        for broken in tries:
            raise broken
        called.set()
        return False

    monkeypatch.setattr(worker, "do_next", look)
    works = worker.Worker(app.app_context, {"say"})
    works.start()
    assert called.wait(10)
    works.stop()


def test_a_job_that_a_wrong_clock_has_noted_for_next_year_is_done():
    add("soon", due=clock.now() + dt.timedelta(days=1))
    add("next year", due=clock.now() + dt.timedelta(days=400))
    do_all()
    assert done == ["next year"]


def test_hosts_that_strangers_name_keep_no_call_of_the_owners_waiting():
    of_strangers = next(lane for lane in kinds.LANES if "mention" in lane)
    assert of_strangers == {"mention", "mention-told", "fediverse", "picture"}
