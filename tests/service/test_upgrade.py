"""R11: from every earlier shape of the database, comments in it, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import JSON, Engine, create_engine, event, inspect, text

from afterword.core import config, db
from afterword.operate import backup, migrate
from tests import running

pytestmark = pytest.mark.slow

COMMENTS = 500
FIRST = [f"{number:04}" for number in range(1, int(migrate.head()) + 1)]
# What is there from the first shape on, and has to be the same after every change.
LASTING = "id, text, html, state, created, name, parent_id, root_id, depth"

# Stops the process that makes a change before one of its statements, as a cut of power does.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from afterword.core import config
from afterword.operate import migrate

left = int(sys.argv[1])

@event.listens_for(Engine, "before_cursor_execute")
def count(_connection, _cursor, statement, *_):
    global left
    if statement.lstrip().upper().startswith(
        ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
    ):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

migrate.upgrade(config.read(os.environ))
"""


def to(settings, number: str) -> None:
    """Make an empty database of an earlier shape."""
    settings.data.mkdir(mode=0o700, exist_ok=True)
    engine = create_engine(settings.database)
    db.prepare(engine)
    with engine.connect() as connection:
        command.upgrade(migrate._config(connection), number)
        connection.commit()
    engine.dispose()


def fill(settings, count: int) -> None:
    """Comments in whatever shape the database has: what is not said has a default or is made up."""
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        _insert(connection, "sites", [{"id": 1, "key": "blog.example"}])
        pages = [
            {"id": number, "site_id": 1, "key": f"blog.example/{number}", "count": count // 10}
            for number in range(1, 11)
        ]
        _insert(connection, "pages", pages)
        rows = [
            {
                "id": f"comment-{number:06}",
                "site_id": 1,
                "page_id": number % 10 + 1,
                "text": f"Comment *{number}* of Zoë, said and not forgotten.",
                "html": f"<p>Comment <em>{number}</em> of Zoë</p>",
                "state": ("visible", "visible", "pending", "spam")[number % 4],
                "is_shown": number % 4 < 2,
                "depth": 0,
            }
            for number in range(count)
        ]
        _insert(connection, "comments", rows)
    engine.dispose()


def _insert(connection, table: str, rows: list[dict]) -> None:
    columns = {column["name"]: column for column in inspect(connection).get_columns(table)}
    made_up = {
        name: _some(column)
        for name, column in columns.items()
        if not column["nullable"] and name not in rows[0] and column["default"] is None
    }
    row = {name: f":{name}" for name in (*rows[0], *made_up) if name in columns}
    words = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"
    given = [{k: v for k, v in {**made_up, **one}.items() if k in columns} for one in rows]
    connection.execute(text(words), given)


def _some(column) -> object:
    kind = column["type"].python_type
    if kind is dt.datetime:
        return "2026-01-01 00:00:00.000000"  # as SQLAlchemy writes it to SQLite
    if isinstance(column["type"], JSON):
        return "[]" if column["name"] == "reasons" else "{}"
    return kind() if kind in {str, bool} else 0


def comments(path: Path) -> str:
    """A digest of what lasts."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = connection.execute(f"SELECT {LASTING} FROM comments ORDER BY id").fetchall()
    assert len(rows) == COMMENTS
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture
def settings(tmp_path):
    return config.read({"AFTERWORD_DATA": str(tmp_path / "data")})


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """A folder with a filled database of an earlier shape, made once for each."""
    made = {}

    def folder(number: str) -> Path:
        if number not in made:
            made[number] = tmp_path_factory.mktemp(f"at-{number}") / "data"
            settings = config.read({"AFTERWORD_DATA": str(made[number])})
            to(settings, number)
            fill(settings, COMMENTS)
        return made[number]

    return folder


@pytest.mark.sqlite("what earlier versions left are files")
@pytest.mark.fault("R11")
@pytest.mark.parametrize("number", FIRST)
def test_every_comment_survives_the_way_from_every_earlier_shape(former, settings, number):
    shutil.copytree(former(number), settings.data)
    before = comments(settings.sqlite_path)
    missing = migrate.upgrade(settings)
    assert missing == FIRST[int(number) :]
    assert comments(settings.sqlite_path) == before
    copies = list((settings.data / "backups").glob("before-upgrade-*.db"))
    assert len(copies) == (1 if missing else 0)
    for copy in copies:
        assert backup.prove(copy) == COMMENTS
        assert comments(copy) == before
    assert migrate.upgrade(settings) == []


@pytest.mark.sqlite("what earlier versions left are files")
def test_what_a_killed_start_left_of_its_copy_goes_at_the_next(former, settings):
    shutil.copytree(former(FIRST[0]), settings.data)
    folder = settings.data / "backups"
    folder.mkdir(exist_ok=True)
    (folder / ".before-upgrade-20260101T000000Z.db.part").write_bytes(b"half")
    migrate.upgrade(settings)
    assert [file.name[:15] for file in folder.iterdir()] == ["before-upgrade-"]


@pytest.mark.sqlite("what earlier versions left are files")
@pytest.mark.slow
@pytest.mark.fault("R11")
def test_a_service_that_is_killed_in_the_middle_of_a_change_goes_on_at_its_next_start(
    former, tmp_path, figure
):
    """At one statement in so many of all that lead from the first shape to the last."""
    before = comments(former("0001") / "afterword.db")
    chance, kills, at = random.Random(11), 0, 0
    while True:
        data = tmp_path / f"at-{at}"
        shutil.copytree(former("0001"), data)
        settings = config.read({"AFTERWORD_DATA": str(data)})
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(at)],
            env=running.environment(data),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        kills += 1
        migrate.upgrade(settings)
        assert comments(settings.sqlite_path) == before
        shutil.rmtree(data)
        at += chance.randint(20, 40)
    assert kills > 5
    figure(f"killed at {kills} of {at} statements of all changes: every comment there, none twice")


@pytest.mark.sqlite("what earlier versions left are files")
@pytest.mark.slow
@pytest.mark.fault("R11")
def test_processes_that_start_together_make_the_changes_once(former, settings, figure):
    shutil.copytree(former("0001"), settings.data)
    before = comments(settings.sqlite_path)
    words = [sys.executable, "-m", "afterword", "sites", "list"]
    with ThreadPoolExecutor(4) as together:
        ended = list(
            together.map(
                lambda _: subprocess.run(
                    words,
                    env=running.environment(settings.data),
                    capture_output=True,
                    text=True,
                    check=False,
                ),
                range(4),
            )
        )
    assert [one.returncode for one in ended] == [0] * 4, [one.stderr for one in ended]
    assert comments(settings.sqlite_path) == before
    assert len(list((settings.data / "backups").glob("before-upgrade-*.db"))) == 1
    figure("four processes start at once on an old database: changed once, one copy made before")


@pytest.mark.fault("R11")
def test_postgresql_takes_all_changes_or_none_of_one(postgresql, tmp_path, monkeypatch, figure):
    """Its changes are transactions: a process that dies leaves the shape before or after."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    environment = {**os.environ, **told}
    for at in (0, 20, 60):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(at)],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
    migrate.upgrade(config.read(told))
    assert migrate.upgrade(config.read(told)) == []
    figure("PostgreSQL: killed three times on the way, whole after the next start")


@pytest.mark.slow
@pytest.mark.fault("R11")
def test_processes_that_start_together_on_postgresql_make_the_changes_once(
    postgresql, tmp_path, figure
):
    words = [sys.executable, "-m", "afterword", "migrate"]

    def start(number):
        data = tmp_path / f"host-{number}"  # each on a host of its own: nothing in common on a disk
        told = running.environment(data, database_url=postgresql)
        return subprocess.run(words, env=told, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(3) as together:
        ended = list(together.map(start, range(3)))
    assert [one.returncode for one in ended] == [0] * 3, [one.stderr for one in ended]
    made = sorted(re.search(r"\((\w+) changes", one.stdout)[1] for one in ended)
    assert made == [str(len(list(migrate._scripts().walk_revisions()))), "no", "no"]
    figure("PostgreSQL: three hosts start at once on an empty database: changed by one of them")


@pytest.mark.parametrize(
    "limit", ["idle_in_transaction_session_timeout", "idle_session_timeout", "statement_timeout"]
)
def test_where_postgresql_ends_what_rests_or_takes_long_the_changes_are_made_one_at_a_time(
    postgresql, tmp_path, monkeypatch, limit
):
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as server:
        name = server.info.dbname
        server.execute(f"ALTER DATABASE {name} SET {limit} = '2s'")
        server.execute(f"SET {limit} = 0")
        upgrade, free = command.upgrade, "SELECT pg_try_advisory_lock(%s)"
        found = []

        def upgrade_late(config, number):
            config.attributes["connection"].execute(text("SELECT pg_sleep(2.5)"))
            found.append(server.execute(free, [migrate._ADVISORY_LOCK]).fetchone()[0])
            upgrade(config, number)

        monkeypatch.setattr(command, "upgrade", upgrade_late)
        settings = config.read(
            {"AFTERWORD_DATABASE_URL": postgresql, "AFTERWORD_DATA": str(tmp_path)}
        )
        assert migrate.upgrade(settings) == FIRST
        assert found == [False], "another process began meanwhile"


@pytest.fixture
def of_before(postgresql, tmp_path):
    """A database of PostgreSQL to which the last change of ``comments`` is still to be made."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    to(settings, "0038")
    fill(settings, 20)
    return settings


def test_behind_a_change_that_waits_for_a_table_its_readers_go_on(of_before, monkeypatch):
    monkeypatch.setattr(migrate, "_GIVE_WAY", "SET lock_timeout = '200ms'")
    monkeypatch.setattr(migrate, "_PAUSE", 0.1)
    engine = create_engine(of_before.database)
    count = text("SELECT count(*) FROM comments")
    with ThreadPoolExecutor(1) as beside, engine.connect() as dump, engine.connect() as reader:
        dump.execute(count)
        changing = beside.submit(migrate.upgrade, of_before)
        asked = reader.execution_options(isolation_level="AUTOCOMMIT")
        asked.execute(text("SET statement_timeout = '5s'"))
        waits = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        for _ in range(2):
            running.wait_until(lambda: asked.execute(waits).scalar())
            assert asked.execute(count).scalar() == 20
        dump.commit()
        assert changing.result(timeout=30)[-1] == migrate.head()
    engine.dispose()


def test_a_table_that_is_never_free_ends_the_start_with_a_sentence(of_before, monkeypatch):
    monkeypatch.setattr(migrate, "_GIVE_WAY", "SET lock_timeout = '50ms'")
    monkeypatch.setattr(migrate, "_PAUSE", 0.01)
    monkeypatch.setattr(migrate, "_TRIES", 2)
    engine = create_engine(of_before.database)
    with engine.connect() as dump:
        dump.execute(text("SELECT count(*) FROM comments"))
        with pytest.raises(migrate.BrokenDatabase, match="another program held a table"):
            migrate.upgrade(of_before)
    engine.dispose()
    assert migrate.upgrade(of_before)[-1] == migrate.head()


@pytest.mark.sqlite("what earlier versions left are files")
def test_who_writes_beside_a_change_waits_and_does_not_end_it(former, settings, monkeypatch):
    shutil.copytree(former("0036"), settings.data)
    upgrade, refused = command.upgrade, []

    def upgrade_beside(config, number):
        config.attributes["connection"].execute(text("SELECT * FROM alembic_version"))
        with closing(sqlite3.connect(settings.sqlite_path, timeout=0)) as other:
            try:
                other.execute("UPDATE pages SET version = version + 1")
                other.commit()
            except sqlite3.OperationalError as error:
                refused.append(str(error))
        upgrade(config, number)

    monkeypatch.setattr(command, "upgrade", upgrade_beside)
    assert migrate.upgrade(settings)[-1] == migrate.head()
    assert refused == ["database is locked"]


@pytest.mark.sqlite("what earlier versions left are files")
def test_a_start_that_fails_again_and_again_leaves_no_copy_each_time(former, settings, monkeypatch):
    shutil.copytree(former("0036"), settings.data)
    before = comments(settings.sqlite_path)

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", fail)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                migrate.upgrade(settings)
    assert list((settings.data / "backups").iterdir()) == []
    assert backup.last(settings) is None
    assert comments(settings.sqlite_path) == before


def test_what_is_searched_meanwhile_is_copied_once_when_nobody_reads_it(
    postgresql, tmp_path, monkeypatch
):
    monkeypatch.setattr(migrate, "_GIVE_WAY", "SET lock_timeout = '200ms'")
    monkeypatch.setattr(migrate, "_PAUSE", 0.1)
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    to(settings, "0039")
    fill(settings, 20)
    copied = []

    def note(_connection, _cursor, statement, *_):
        if "INSERT INTO comment_words_by_era" in statement:
            copied.append(statement)

    engine = create_engine(settings.database)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with ThreadPoolExecutor(1) as beside, engine.connect() as search:
            search.execute(text("SELECT count(*) FROM comment_words"))
            changing = beside.submit(migrate.upgrade, settings)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                waits = text(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                for is_waiting in (True, False, True):
                    running.wait_until(
                        lambda said=is_waiting: bool(other.execute(waits).scalar()) is said
                    )
            assert copied == []
            search.commit()
            changing.result(timeout=30)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        engine.dispose()
    assert len(copied) == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_mail_asked_for_before_waits_for_who_asked_where_nobody_has_confirmed(
    request, tmp_path, database
):
    told = {"AFTERWORD_DATA": str(tmp_path / "data")}
    if database == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    to(settings, "0044")
    fill(settings, 5)
    ada, bob, eve = "ada@reader.example", "bob@reader.example", "eve@reader.example"
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        authors = [{"id": one, "site_id": 1, "token_hash": one} for one in ("eve", "ada", "bob")]
        _insert(connection, "authors", authors)
        wrote = (("eve", ada), ("ada", ada), ("bob", bob), ("ada", ada), (None, eve))
        for number, (author, email) in enumerate(wrote):
            made = text(
                "UPDATE comments SET author_id = :author, email = :email, created = :at"
                f" WHERE id = 'comment-{number:06}'"
            )
            at = f"2026-01-01 00:00:0{number}.000000"
            connection.execute(made, {"author": author, "email": email, "at": at})
        asked = [
            {"id": wish, "site_id": 1, "email": email, "follows": follows, "created": at}
            for wish, follows, email, at in (
                ("site", "site", ada, "2026-01-01 00:00:00.500000"),
                ("replies", "replies", ada, "2026-01-01 00:00:01.000000"),
                ("thread", "thread", bob, "2026-01-01 00:00:02.500000"),
                # Nobody knows who asked: it would begin by whoever confirms the address.
                ("nobodys", "replies", eve, "2026-01-01 00:00:05.000000"),
                ("without-comment", "replies", "x@reader.example", "2026-01-01 00:00:05.000000"),
            )
        ]
        _insert(connection, "subscriptions", asked)
        _insert(connection, "identities", [{"author_id": "bob", "kind": "email", "subject": bob}])
    migrate.upgrade(settings)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, waits_for FROM subscriptions"))
        assert {tuple(row) for row in rows} == {
            ("site", "eve"),
            ("replies", "ada"),
            ("thread", None),
        }
    engine.dispose()
