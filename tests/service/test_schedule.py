"""Copies by the clock: one when it is due, as many as the owner keeps; the drill of a restore."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys

import pytest
import time_machine

from afterword.app import close
from afterword.core import clock
from afterword.operate import backup, schedule
from afterword.operate.backup import CannotBackUp
from tests import make, running

pytestmark = [pytest.mark.slow, pytest.mark.sqlite("PostgreSQL is copied by tools of its own")]

NOON = dt.datetime(2026, 11, 28, 12, tzinfo=clock.UTC)


@pytest.fixture
def at(settings):
    """Look whether a copy is due, so many hours after a certain noon."""

    def look(hours):
        with time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False):
            return schedule.run_due(settings)

    return look


class TestWithTwoCopiesADay:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_BACKUP_HOURS": "12", "AFTERWORD_BACKUP_KEEP": "3"}

    def test_a_copy_is_made_when_it_is_due_and_not_before(self, at):
        assert [at(hours) is not None for hours in (0, 1, 11.9, 12, 13, 30)] == [
            *(True, False, False),
            *(True, False, True),
        ]

    def test_the_oldest_go_and_others_copies_stay(self, at, settings):
        folder = settings.data / schedule.FOLDER
        folder.mkdir()
        for name in ("before-upgrade-20260101T000000Z.db", "my-own.db"):
            (folder / name).write_bytes(b"mine")
        files = [at(hours).name for hours in (0, 12, 24, 36, 48)]
        assert [file.name for file in schedule.made(settings)] == files[2:]
        assert (folder / "my-own.db").read_bytes() == b"mine"
        assert (folder / "before-upgrade-20260101T000000Z.db").exists()

    def test_a_clock_that_goes_back_stops_no_copy(self, at):
        assert at(1000) is not None
        assert at(0) is not None

    def test_a_copy_from_the_future_is_no_reason_for_others_and_pushes_none_out(self, at, settings):
        ahead = at(365 * 24)
        daily = [at(hours) for hours in (0, 12, 24)]
        assert [at(hours) for hours in (24.1, 24.2, 35.9)] == [None, None, None]
        assert schedule.made(settings) == [*daily, ahead]
        newest = at(36)
        assert schedule.made(settings) == [*daily[1:], newest, ahead]

    def test_what_a_killed_copy_left_goes_at_the_next_look(self, at, settings):
        at(0)
        folder = settings.data / schedule.FOLDER
        for name in (".scheduled-20261127T120000Z.db.part", ".my-own.db.part"):
            for ending in ("", "-journal"):
                (folder / f"{name}{ending}").write_bytes(b"half")
        assert at(1) is None
        left = sorted(file.name for file in folder.glob(".*.part*"))
        assert left == [".my-own.db.part", ".my-own.db.part-journal"]

    def test_a_copy_that_fails_costs_no_older_one(self, at, settings, monkeypatch):
        for hours in (0, 12, 24):
            at(hours)
        kept = schedule.made(settings)
        settings.sqlite_path.write_bytes(b"damaged" * 1000)
        with pytest.raises(CannotBackUp):
            at(36)
        assert schedule.made(settings) == kept
        assert [backup.prove(file) for file in kept] == [0, 0, 0]

    def test_a_disk_with_little_room_is_left_alone(self, at, settings, monkeypatch):
        def nearly_full(_folder):
            return type("Usage", (), {"free": settings.sqlite_path.stat().st_size})

        monkeypatch.setattr("afterword.operate.schedule.shutil.disk_usage", nearly_full)
        with pytest.raises(CannotBackUp, match="make room"):
            at(0)
        assert schedule.made(settings) == []

    def test_of_two_processes_one_makes_it(self, at, settings):
        lock = settings.data / schedule.FOLDER / ".lock"
        lock.parent.mkdir()
        words = "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.flock(f,2); print(1,flush=True); "
        holder = subprocess.Popen(
            [sys.executable, "-c", words + "input()", str(lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout.read(1) == b"1"
        assert at(0) is None
        holder.communicate(b"\n")
        assert at(0) is not None


def test_the_drill_every_comment_is_there_after_a_loss(settings, app, site, at):
    """As docs/backup.md says it: the last copy, restore, start; the same comments as before."""
    with app.app_context():
        make.comments(make.page(site), 50)
    before = running.command(settings.data, "export", "--site", "blog.example", "-")
    file = at(0)
    close(app)
    settings.sqlite_path.write_bytes(b"what is left after a fault of the disk" * 500)
    for ending in ("-wal", "-shm"):
        settings.sqlite_path.with_name(f"afterword.db{ending}").unlink(missing_ok=True)
    lost = running.command(settings.data, "sites", "list")
    assert (lost.returncode, "restore" in lost.stderr) == (1, True)
    done = running.command(settings.data, "restore", str(file))
    assert (done.returncode, "50 comments" in done.stdout) == (0, True), done.stderr
    after = running.command(settings.data, "export", "--site", "blog.example", "-")
    assert before.returncode == after.returncode == 0
    assert after.stdout == before.stdout
    assert before.stdout.count('"type":"comment"') == 50
    with running.serving(settings.data):
        pass  # it is ready


def test_a_running_service_makes_them(settings, monkeypatch):
    monkeypatch.setattr(schedule, "LOOK_SECONDS", 0.01)
    beside = schedule.Schedule(settings)
    beside.start()
    while not schedule.made(settings):
        pass
    beside.stop()
    (file,) = schedule.made(settings)
    assert file.stat().st_mode & 0o077 == 0
    with sqlite3.connect(file) as copy:
        assert copy.execute("SELECT count(*) FROM comments").fetchone() == (0,)
    copy.close()


@pytest.mark.parametrize("told", [{"AFTERWORD_BACKUP_HOURS": "0"}])
def test_an_owner_may_want_none(settings):
    beside = schedule.Schedule(settings)
    beside.start()
    beside.stop()
    assert not (settings.data / schedule.FOLDER).exists()
