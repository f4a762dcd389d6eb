"""R10: the database is damaged: it is never made anew in silence, and a backup brings it back.

SQLite keeps no checksums: a byte that changed inside a comment's text is a comment that says
something else. What can be told is told at the start, and what is found later is answered 503.
"""

from __future__ import annotations

import http.client
import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from afterword.app import close
from afterword.operate import migrate
from afterword.operate.backup import backup, restore
from afterword.operate.migrate import BrokenDatabase
from tests import make, running
from tests.conftest import PAGE

pytestmark = [pytest.mark.slow, pytest.mark.fault("R10"), pytest.mark.sqlite("its file is damaged")]

COMMENTS = 1500
READS = [
    *(("/api/v1/thread", {"url": PAGE, "sort": sort}) for sort in ("oldest", "newest", "best")),
    ("/api/v1/counts", {"url": PAGE}),
    ("/api/v1/latest", {"site": "blog.example"}),
    ("/thread", {"url": PAGE}),
]


@pytest.fixture
def whole(settings, app, site, tmp_path):
    """A database of some megabytes, closed, and a backup of it."""
    with app.app_context():
        make.comments(make.page(site), COMMENTS, roots=COMMENTS // 2)
    close(app)
    with sqlite3.connect(settings.sqlite_path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    backup(settings, tmp_path / "backup.db")
    return shutil.copy(settings.sqlite_path, tmp_path / "whole.db")


def comments(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT id, text FROM comments ORDER BY id").fetchall()
    connection.close()
    return rows


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0xFF]))


def answers(settings) -> set[int]:
    """The statuses of all that readers ask, of a service that did start."""
    found = set()
    with running.serving(settings.data) as service:
        for path, query in READS:
            connection = http.client.HTTPConnection(str(urlsplit(service.url).netloc), timeout=30)
            connection.request("GET", f"{path}?{urlencode(query)}")
            found.add(connection.getresponse().status)
            connection.close()
        service.stop()
    return found


def refusal(settings) -> str | None:
    """What a start says of the damage, if anything; then it left the file as it was."""
    damaged = settings.sqlite_path.read_bytes()
    try:
        migrate.upgrade(settings)
    except BrokenDatabase as broken:
        assert settings.sqlite_path.read_bytes() == damaged
        return str(broken)
    return None


@pytest.mark.slow
def test_a_byte_that_changes_anywhere_is_refused_or_answered_for_and_a_backup_mends_it(
    settings, whole, tmp_path, request, figure
):
    chance, target = random.Random(10), settings.sqlite_path
    before = comments(whole)
    size = whole.stat().st_size
    pages = chance.sample(
        range(1, size // 4096), min(request.config.getoption("--bad-pages"), size // 4096) - 1
    )
    places = [0, *(page * 4096 + chance.randrange(4096) for page in pages)]  # 0: what it is at all
    found, statuses = Counter[str](), set[int]()
    for place in places:
        shutil.copy(whole, target)
        flip(target, place)
        said = refusal(settings)
        if said is None:
            statuses = answers(settings)
            assert statuses <= {200, 503}, statuses
            assert target.stat().st_size >= size, "never made anew"
        else:
            assert "afterword restore" in said
        outcome = "answered 503" if 503 in statuses else "served"
        found["refused at the start" if said else outcome] += 1
        for leftover in settings.data.glob("afterword.db-*"):
            leftover.unlink()
        assert restore(settings, tmp_path / "backup.db") == COMMENTS
        assert comments(target) == before
        for kept in settings.data.glob("*.before-restore-*"):
            kept.unlink()
    assert found["refused at the start"] > 0
    outcomes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items()))
    figure(f"a byte in each of {len(places)} pages: {outcomes}; all restored")


def test_damage_that_is_no_text_is_refused_by_a_sentence_too(settings, whole):
    """SQLite quotes what it cannot read, and Python cannot decode that."""
    damaged = whole.read_bytes().replace(
        b"INDEX ix_jobs_due ON jobs", b"INDEX ix_jobs_due \xcbN jobs"
    )
    settings.sqlite_path.write_bytes(damaged)
    assert "afterword restore" in (refusal(settings) or "")
    assert restore(settings, settings.data.parent / "backup.db") == COMMENTS


@pytest.mark.parametrize("name", [b"orifin", b"ori\x98in"])
def test_a_column_that_lost_its_name_is_refused_with_what_mends_it(settings, whole, name):
    damaged = whole.read_bytes().replace(b"origin VARCHAR", name + b" VARCHAR")
    assert damaged != whole.read_bytes()
    settings.sqlite_path.write_bytes(damaged)
    said = refusal(settings) or ""
    assert "origins" in said
    assert "afterword restore" in said
    assert restore(settings, settings.data.parent / "backup.db") == COMMENTS


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_log_that_was_cut_short_loses_its_end_and_nothing_before(settings, app, site, post, kept):
    with app.app_context():
        make.comments(make.page(site), 50, roots=50)
    made = [post(f"Comment {n}.").json["comment"]["id"] for n in range(20)]
    log = settings.sqlite_path.with_name("afterword.db-wal")
    written, main = log.read_bytes(), settings.sqlite_path.read_bytes()
    close(app)
    settings.sqlite_path.write_bytes(main)
    log.write_bytes(written[: int(len(written) * kept)])
    settings.sqlite_path.with_name("afterword.db-shm").unlink(missing_ok=True)
    migrate.upgrade(settings)
    connection = sqlite3.connect(settings.sqlite_path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    there = [one for one, _ in comments(settings.sqlite_path) if one in made]
    assert there == made[: len(there)]
