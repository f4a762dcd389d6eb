"""Backups: made while the service writes, proved, put back whole; damage is never passed over."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db
from afterword.operate import migrate
from afterword.operate.backup import LAST, CannotBackUp, backup, last, restore
from afterword.operate.migrate import BrokenDatabase
from afterword.sites import changes, directory
from tests import make, running
from tests.postgresql import PROGRAMS

pytestmark = [pytest.mark.slow, pytest.mark.sqlite("PostgreSQL is copied by tools of its own")]


@pytest.fixture
def filled(app, site, settings):
    """Settings of a database with thirty comments."""
    with app.app_context():
        make.comments(make.page(site), 30)
        db.session.remove()
        db.engine.dispose()
    return settings


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT count(*) FROM comments").fetchone()[0]
    connection.close()
    return int(found)


def test_a_backup_holds_every_comment_and_only_its_owner_may_read_it(filled, tmp_path):
    file = tmp_path / "copy.db"
    assert backup(filled, file) == 30
    assert count(file) == 30
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".*.part")) == []


def piped(settings, *words: str, content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "afterword", *words],
        env=running.environment(settings.data),
        input=content,
        capture_output=True,
        check=False,
    )


def test_a_backup_leaves_by_standard_output_and_comes_back_by_standard_input(filled):
    """All that reaches a container of a new machine: a file put there belongs to another user."""
    copied = piped(filled, "backup", "-")
    assert (copied.returncode, copied.stderr) == (0, b"The copy holds 30 comments.\n")
    assert last(filled) is not None
    changed(filled.sqlite_path, "DELETE FROM comments")
    restored = piped(filled, "restore", "-", content=copied.stdout)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout == b"The database holds 30 comments from standard input.\n"
    assert count(filled.sqlite_path) == 30
    assert stat.S_IMODE(filled.sqlite_path.stat().st_mode) == 0o600
    [kept] = filled.data.glob("*.before-restore-*")
    assert count(kept) == 0
    assert list(filled.data.glob(".afterword.db*")) == []


@pytest.mark.parametrize(
    "content", [b"", b"These are not the comments you are looking for.\n" * 99]
)
def test_what_is_no_backup_is_refused_from_standard_input_too(filled, content):
    before = filled.sqlite_path.read_bytes()
    done = piped(filled, "restore", "-", content=content)
    assert done.returncode == 1
    assert b"standard input is not a backup of Afterword" in done.stderr
    assert filled.sqlite_path.read_bytes() == before
    assert list(filled.data.glob(".afterword.db*")) == []


def test_half_a_backup_from_standard_input_changes_nothing(filled):
    whole = piped(filled, "backup", "-").stdout
    before = filled.sqlite_path.read_bytes()
    done = piped(filled, "restore", "-", content=whole[: len(whole) // 2])
    assert (done.returncode, b"Nothing was changed" in done.stderr) == (1, True)
    assert filled.sqlite_path.read_bytes() == before


@pytest.mark.parametrize(
    "verb",
    ["backup", *(pytest.param(verb, marks=pytest.mark.thorough) for verb in ("restore", "export"))],
)
def test_a_copy_that_is_told_to_end_leaves_nothing_half_written(filled, tmp_path, verb):
    backup(filled, tmp_path / "copy.db")
    # Stopped where a large copy spends most of its time: while it is being proved.
    words = (
        "import signal; from afterword.cli import cli; from afterword.operate import backup; "
        "from afterword.transfer import export; "
        "backup.prove = export.write = lambda *_, **__: signal.pause(); cli()"
    )
    more = ["--site", "blog.example"] if verb == "export" else []
    copying = subprocess.Popen(
        [sys.executable, "-c", words, verb, tmp_path / "copy.db", *more],
        env=running.environment(filled.data),
    )
    parts = [*tmp_path.glob(".*.part*")]
    while not parts:
        assert copying.poll() is None
        parts = [*tmp_path.glob(".*.part*"), *filled.data.glob(".*.part*")]
    copying.terminate()
    assert copying.wait(30) == 128 + signal.SIGTERM
    assert [*tmp_path.glob(".*.part*"), *filled.data.glob(".*.part*")] == []
    assert count(tmp_path / "copy.db") == count(filled.sqlite_path) == 30


def test_a_backup_takes_the_place_of_what_a_killed_one_left(filled, tmp_path):
    file = tmp_path / "copy.db"
    for ending in ("", "-journal", "-wal"):
        (tmp_path / f".copy.db.part{ending}").write_bytes(b"half" * 5000)
    assert backup(filled, file) == count(file) == 30
    assert list(tmp_path.glob(".*.part*")) == []


def test_it_is_known_when_the_last_backup_was_made(filled, tmp_path):
    assert last(filled) is None
    began = clock.now()
    backup(filled, tmp_path / "copy.db")
    assert began <= last(filled) <= clock.now()
    note = filled.data / LAST
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    with pytest.raises(CannotBackUp):
        backup(filled, tmp_path / "nowhere" / "copy.db")
    note.write_text("yesterday\n")
    assert last(filled) is None


def test_a_backup_is_good_where_its_moment_cannot_be_noted(filled, tmp_path):
    (filled.data / LAST).mkdir()
    assert backup(filled, tmp_path / "copy.db") == 30
    assert last(filled) is None


@pytest.mark.fault("R12")
def test_a_backup_made_while_comments_arrive_is_whole(filled, tmp_path, app, site, figure):
    stop = threading.Event()
    written = []

    def write() -> None:
        with app.app_context():
            page = make.page(site, "https://blog.example/busy")
            while not stop.is_set():
                written.append(make.comment(page).id)

    writer = threading.Thread(target=write)
    writer.start()
    began = time.monotonic()
    try:
        for number in range(5):
            answered = one_more(written)
            held = backup(filled, tmp_path / f"{number}.db")
            # One more may be there that nobody was told of yet.
            assert 30 + answered <= held <= 30 + len(written) + 1
            assert kept(tmp_path / f"{number}.db") >= set(written[:answered])
    finally:
        stop.set()
        writer.join()
    rate = len(written) / (time.monotonic() - began)
    figure(
        f"5 backups at {rate:.0f} comments/s: each whole, {held} comments in the last, "
        f"all {answered} in it that were written before it began"
    )


def one_more(written: list[str]) -> int:
    """How many are written, once there is one more of them."""
    before = len(written)
    running.wait_until(lambda: len(written) > before)
    return len(written)


def kept(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = {number for (number,) in connection.execute("SELECT id FROM comments")}
    connection.close()
    return found


def test_restore_puts_a_backup_back_and_keeps_what_was_there(filled, tmp_path, app, site):
    file = tmp_path / "copy.db"
    backup(filled, file)
    with app.app_context():
        make.comment(make.page(site, "https://blog.example/later"))
    close(app)
    assert restore(filled, file) == 30
    assert count(filled.sqlite_path) == 30
    kept = [path for path in filled.data.glob("*.before-restore-*") if path.suffix != ".db-wal"]
    assert any(count(path) == 31 for path in kept if not path.name.endswith(("-wal", "-shm")))


def damaged(path: Path, kind: str) -> None:
    content = bytearray(path.read_bytes())
    match kind:
        case "header":
            content[:100] = bytes(100)
        case "half":
            del content[len(content) // 2 :]
        case "text":
            content = bytearray(b"These are not the comments you are looking for. " * 99)
        case "page":
            content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["header", "half", "text", "page"])
def test_a_broken_backup_is_refused_before_anything_is_touched(filled, tmp_path, kind):
    file = tmp_path / "copy.db"
    backup(filled, file)
    damaged(file, kind)
    before = filled.sqlite_path.read_bytes()
    with pytest.raises(CannotBackUp, match="Nothing was changed"):
        restore(filled, file)
    assert filled.sqlite_path.read_bytes() == before


def test_a_large_database_is_read_from_end_to_end_by_doctor_only(filled, monkeypatch):
    content = bytearray(filled.sqlite_path.read_bytes())
    page = content.rindex(b"<p>Hello.</p>") // 4096 * 4096  # one with comments on it
    content[page : page + 4096] = b"\xff" * 4096
    filled.sqlite_path.write_bytes(content)
    with pytest.raises(BrokenDatabase, match="damaged"):
        migrate.check(filled)
    monkeypatch.setattr(migrate, "READ_AT_START", 1000)
    migrate.check(filled)
    with pytest.raises(BrokenDatabase, match="damaged"):
        migrate.check(filled, wholly=True)


def test_a_database_of_another_program_is_refused(filled, tmp_path):
    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(CannotBackUp, match="not a backup of Afterword"):
        restore(filled, file)
    with pytest.raises(BrokenDatabase, match="another program"):
        migrate.check(config.read({"AFTERWORD_DATABASE_URL": f"sqlite:///{file}"}))


@pytest.mark.parametrize("kind", ["header", "half", "text", "page"])
def test_a_damaged_database_stops_the_start_and_names_the_command(filled, kind):
    damaged(filled.sqlite_path, kind)
    before = filled.sqlite_path.read_bytes()
    done = running.command(filled.data, "serve", "--port", "1")
    assert done.returncode == 1
    assert "damaged" in done.stderr or "another program" in done.stderr
    assert "afterword restore" in done.stderr
    assert "Traceback" not in done.stderr
    assert filled.sqlite_path.read_bytes() == before


def test_a_database_with_a_name_that_is_no_text_is_called_damaged(settings):
    with closing(sqlite3.connect(settings.sqlite_path)) as connection:
        connection.execute("CREATE TABLE mine (at TEXT)")
        connection.execute("PRAGMA writable_schema = ON")
        parts = ("name", "tbl_name", "sql")
        changed = ", ".join(f"{one} = CAST(replace({one}, 'mine', x'ff') AS TEXT)" for one in parts)
        connection.execute(f"UPDATE sqlite_master SET {changed} WHERE name = 'mine'")
        connection.commit()
    with pytest.raises(BrokenDatabase, match=r"damaged.*afterword restore"):
        migrate.check(settings)


NOBODY = 65534
of_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can give files away")


@pytest.fixture
def of_another(filled):
    """Settings of a folder that anybody may enter, with a database of root's in it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        there = config.read({"AFTERWORD_DATA": f"{name}/data"})
        there.data.mkdir(mode=0o755)
        shutil.copy(filled.sqlite_path, there.sqlite_path)
        there.sqlite_path.chmod(0o600)
        yield there


@of_root
def test_a_database_of_another_user_is_not_called_damaged(of_another):
    os.seteuid(NOBODY)
    try:
        with pytest.raises(BrokenDatabase) as said:
            migrate.check(of_another)
    finally:
        os.seteuid(0)
    assert "unable to open database file" in str(said.value)
    assert f"chown {NOBODY} {of_another.data} {of_another.sqlite_path}*" in str(said.value)
    assert "afterword restore" not in str(said.value)


@of_root
@pytest.mark.parametrize("was_there", [True, False])
def test_what_root_restores_is_the_service_users(filled, of_another, tmp_path, was_there):
    backup(filled, tmp_path / "copy.db")
    os.chown(of_another.data, NOBODY, NOBODY)
    if was_there:
        os.chown(of_another.sqlite_path, NOBODY, NOBODY)
    else:
        of_another.sqlite_path.unlink()
    assert restore(of_another, tmp_path / "copy.db") == 30
    made = of_another.sqlite_path.stat()
    assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (NOBODY, NOBODY, 0o600)


def test_an_upgrade_does_not_begin_without_a_good_copy_of_a_damaged_database(filled):
    connection = sqlite3.connect(filled.sqlite_path)
    connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.execute("PRAGMA writable_schema = ON")  # an index that is not what it says
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, '(state, created', '(created, state') "
        "WHERE name = 'ix_comments_state'"
    )
    connection.commit()
    connection.close()
    with pytest.raises(BrokenDatabase, match=r"missing from index.*afterword restore"):
        migrate.upgrade(filled)
    assert list((filled.data / "backups").iterdir()) == []


def test_an_emptied_database_is_never_silently_made_anew(filled):
    (filled.data / "secret_keys").write_text("k" * 43)
    filled.sqlite_path.write_bytes(b"")
    with pytest.raises(BrokenDatabase, match="it is empty"):
        migrate.upgrade(filled)
    assert filled.sqlite_path.stat().st_size == 0


@pytest.mark.parametrize("left", ["secret_keys", LAST, "ready.cache", "backups/scheduled-1.db"])
def test_an_emptied_database_is_not_taken_for_a_new_one_beside_what_it_left(settings, left):
    """Keys may come from the environment: then no file of them says that the folder was in use."""
    for ending in ("", "-wal", "-shm"):
        settings.sqlite_path.with_name(f"afterword.db{ending}").unlink(missing_ok=True)
    (settings.data / "secret_keys").unlink(missing_ok=True)
    settings.sqlite_path.touch()
    (settings.data / "backups").mkdir(exist_ok=True)
    migrate.check(settings)
    (settings.data / left).touch()
    with pytest.raises(BrokenDatabase, match="this folder was in use"):
        migrate.check(settings)


def test_a_newer_database_is_refused(filled):
    connection = sqlite3.connect(filled.sqlite_path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(BrokenDatabase, match="newer version"):
        migrate.upgrade(filled)


@pytest.mark.slow
def test_a_database_in_use_is_not_restored_over(tmp_path):
    data = tmp_path / "data"
    assert running.command(data, "init", "--site-origin", "https://blog.example").returncode == 0
    assert running.command(data, "backup", str(tmp_path / "copy.db")).returncode == 0
    with running.serving(data):
        done = running.command(data, "restore", str(tmp_path / "copy.db"))
    assert done.returncode == 1
    assert "Litestream" in done.stderr
    assert "Stop it first" in done.stderr


def test_a_database_that_litestream_reads_is_not_restored_over(filled, tmp_path):
    """It keeps a read open between its looks, from a process of its own."""
    backup(filled, tmp_path / "copy.db")
    words = (
        "import sqlite3, sys; there = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "there.execute('BEGIN'); there.execute('SELECT count(*) FROM comments').fetchone(); "
        "print('reads', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", words, filled.sqlite_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"reads\n"
        with pytest.raises(CannotBackUp, match="or Litestream beside it"):
            restore(filled, tmp_path / "copy.db")
        other.stdin.close()
    assert restore(filled, tmp_path / "copy.db") == 30


def test_postgresql_is_left_to_its_own_tools(tmp_path):
    told = config.read({"AFTERWORD_DATABASE_URL": "postgresql+psycopg://h/d"})
    for act in (backup, restore):
        with pytest.raises(CannotBackUp, match="pg_dump"):
            act(told, tmp_path / "x.db")


def changed(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_touched(filled, tmp_path):
    file = tmp_path / "copy.db"
    backup(filled, file)
    changed(file, "UPDATE alembic_version SET version_num = '9999'")
    before = filled.sqlite_path.read_bytes()
    with pytest.raises(CannotBackUp, match="newer version"):
        restore(filled, file)
    assert filled.sqlite_path.read_bytes() == before
    assert list(filled.data.glob(".*.part*")) == list(filled.data.glob("*.before-restore-*")) == []


def test_the_database_is_no_place_for_its_own_backup(filled):
    for act in (backup, restore):
        with pytest.raises(CannotBackUp, match="the database itself"):
            act(filled, filled.sqlite_path)
    assert count(filled.sqlite_path) == 30


def test_a_copy_with_its_journal_is_restored_with_its_last_commits(filled, tmp_path):
    """What ``cp data/afterword.db*`` makes, and what an earlier restore has kept."""
    copy = tmp_path / "copied.db"
    connection = sqlite3.connect(filled.sqlite_path)
    connection.execute("DELETE FROM comments WHERE parent_id IS NULL AND name = 'Ada'")
    connection.commit()
    for ending in ("", "-wal"):
        content = Path(f"{filled.sqlite_path}{ending}").read_bytes()
        Path(f"{copy}{ending}").write_bytes(content)
    connection.close()
    assert count(filled.sqlite_path) == 0
    backup(filled, tmp_path / "other.db")
    assert restore(filled, copy) == 0
    assert Path(f"{copy}-wal").stat().st_size > 0, "the copy itself stays as it is"


def test_a_damaged_databases_journal_is_not_read_as_the_restored_ones(filled, tmp_path):
    file = tmp_path / "copy.db"
    backup(filled, file)
    connection = sqlite3.connect(filled.sqlite_path)
    connection.execute("DELETE FROM comments")
    connection.commit()
    journal = Path(f"{filled.sqlite_path}-wal").read_bytes()
    connection.close()
    damaged(filled.sqlite_path, "text")
    Path(f"{filled.sqlite_path}-wal").write_bytes(journal)
    assert restore(filled, file) == 30
    assert count(filled.sqlite_path) == 30
    kept = {path.name[-4:] for path in filled.data.glob("*.before-restore-*")}
    assert "-wal" in kept, "kept with the database that it belongs to"


def test_a_restore_may_be_undone_by_restoring_what_was_kept(filled, tmp_path):
    file = tmp_path / "copy.db"
    backup(filled, file)
    changed(filled.sqlite_path, "DELETE FROM comments")
    assert restore(filled, file) == 30
    [kept] = filled.data.glob("*.before-restore-*")
    assert restore(filled, kept) == 0


def test_a_backup_that_cannot_be_written_is_one_sentence(filled, tmp_path):
    with pytest.raises(CannotBackUp, match="cannot be written: No such file or directory"):
        backup(filled, tmp_path / "nowhere" / "copy.db")


def test_postgresqls_own_tools_bring_every_comment_back(tmp_path, postgresql_server, postgresql):
    """As docs/backup.md says it."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add("https://blog.example")
        make.comments(make.page(directory.of_url("https://blog.example")), 20)
    close(app)
    words = ("export", "--site", "blog.example", "-")
    before = running.command(settings.data, *words, database_url=postgresql)
    address, name = postgresql.replace("+psycopg", ""), f"again_{tmp_path.parent.name[-8:]}"
    name = re.sub(r"\W", "_", name.lower())
    dump = str(tmp_path / "comments.dump")
    _tool("pg_dump", "--format", "custom", "--file", dump, address)
    assert "TABLE DATA" in _tool("pg_restore", "--list", dump)
    _tool("createdb", "--maintenance-db", f"{postgresql_server}/postgres", name)
    whole = ("--single-transaction", "--exit-on-error", "--no-owner")
    _tool("pg_restore", *whole, "--dbname", f"{postgresql_server}/{name}", dump)
    other = f"{postgresql_server}/{name}".replace("postgresql:", "postgresql+psycopg:", 1)
    after = running.command(settings.data, *words, database_url=other)
    assert before.stdout.count('"type":"comment"') == 20
    assert after.stdout == before.stdout


def _tool(name: str, *words: str) -> str:
    found = subprocess.run(["bash", str(PROGRAMS)], capture_output=True, text=True, check=True)
    done = subprocess.run(
        [f"{found.stdout.strip()}/{name}", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
