"""Ready threads outlive a process, in a file or in Redis; without either they are made again."""

from __future__ import annotations

import datetime as dt
import socket
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.cache import in_file, patience
from afterword.core.cache.in_file import FileCache
from afterword.core.cache.in_redis import RedisCache
from afterword.operate import migrate
from afterword.operate.backup import backup, restore
from afterword.sites import changes
from afterword.threads import read
from afterword.threads.cache import ReadyThreads
from afterword.threads.slices import Cursor
from tests import redis
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with redis.server() as server:
        yield server


@pytest.fixture(params=["file", "redis"])
def told(request, tmp_path, server):
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_RATE_LIMITS": "off"}
    told["AFTERWORD_FORM_CHECKS"] = "off"
    if request.param == "redis":
        told["AFTERWORD_REDIS_URL"] = server.patient_url
    return told


@pytest.fixture
def start(told):
    """A new process over the same database: an application with nothing in its memory."""
    apps = []

    def new(**changed):
        settings = config.read({**told, **changed})
        migrate.upgrade(settings)
        apps.append(create_app(settings))
        return apps[-1]

    yield new
    for app in apps:
        close(app)


@pytest.fixture
def renders(monkeypatch):
    made = []
    thread = read.thread

    def counted(*asked, **more):
        made.append(asked)
        return thread(*asked, **more)

    monkeypatch.setattr(read, "thread", counted)
    return made


def get(app, coding="br"):
    headers = {"Accept-Encoding": coding}
    asked = {"url": PAGE}
    answer = app.test_client().get("/api/v1/thread", query_string=asked, headers=headers)
    assert answer.status_code == 200
    return answer.data, answer.headers["ETag"]


def post(app, text="Hello."):
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}}
    sent = app.test_client().post("/api/v1/comments", json=body, headers={"Origin": BLOG})
    assert sent.status_code == 201


@pytest.fixture
def first(start):
    app = start()
    with app.app_context():
        changes.add(BLOG)
    post(app)
    return app


@pytest.fixture
def entries(told, server):
    """How many answers are kept for other processes."""
    import redis as client

    with client.Redis.from_url(server.url) as known:
        known.flushall()

        def count():
            if "AFTERWORD_REDIS_URL" in told:
                return len(known.keys("afterword:ready:*"))
            with closing(sqlite3.connect(Path(told["AFTERWORD_DATA"]) / "ready.cache")) as file:
                return file.execute("SELECT count(*) FROM ready").fetchone()[0]

        yield count


def test_invented_places_in_a_thread_fill_no_cache_that_is_shared(entries, first):
    get(first)
    client = first.test_client()
    assert entries() == 1
    page = {"url": PAGE}
    comment = client.get("/api/v1/thread", query_string=page).json["comments"][0]["id"]
    for minute in range(20):
        after = str(Cursor(clock.now() - dt.timedelta(minutes=minute), f"invented{minute}"))
        for asked in ({"after": after}, {"since": minute}, {"around": comment, "limit": minute}):
            for path in ("/api/v1/thread", "/thread"):
                client.get(path, query_string={**page, **asked})
        rest = {"after": after}
        client.get(f"/api/v1/comments/{comment}/replies", query_string=rest)
    assert entries() <= 2  # the page's own beginning, as JSON and as HTML


def test_a_service_that_moved_to_another_address_says_the_old_one_nowhere(first, start):
    asked = {"url": PAGE}
    old = first.test_client().get("/thread", query_string=asked).text
    moved = start(AFTERWORD_PUBLIC_URL="https://new.example")
    new = moved.test_client().get("/thread", query_string=asked).text
    assert "http://localhost:8000/c/" in old
    assert "http://localhost:8000" not in new
    assert "https://new.example/c/" in new


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_a_new_process_sends_what_an_earlier_one_rendered(first, start, renders, coding):
    sent = get(first, coding)
    assert len(renders) == 1
    assert get(start(), coding) == sent
    assert len(renders) == 1


def test_a_thread_that_changed_is_rendered_anew_by_one_of_them(first, start, renders):
    second = start()
    get(first), get(second)
    post(second, "Another.")
    assert get(second) == get(first)
    assert len(renders) == 2
    assert b"Another." in get(first, "identity")[0]


def test_another_installation_on_the_same_redis_shares_nothing(first, start, renders, tmp_path):
    get(first)
    other = start(AFTERWORD_DATA=str(tmp_path / "other"))
    with other.app_context():
        changes.add(BLOG)
    assert b"Hello." not in get(other, "identity")[0]


def test_a_restored_database_is_not_answered_with_what_was_there_before(first, start, told):
    settings = config.read(told)
    backup(settings, settings.data / "copy.db")
    post(first, "Lost with the restore.")
    get(first)
    close(first)
    restore(settings, settings.data / "copy.db")
    second = start()
    post(second, "Said after it.")  # the page comes to the same version again
    assert b"Said after it." in get(second, "identity")[0]


@pytest.mark.parametrize("told", ["redis"], indirect=True)
def test_without_redis_threads_are_read_as_before(first, server, start, renders, monkeypatch):
    monkeypatch.setattr(patience.Patience, "REST_SECONDS", 0)
    get(first)
    server.stop()
    try:
        sent = get(start())
    finally:
        server.start()
    assert sent == get(first)
    assert len(renders) == 2


def test_a_redis_that_hangs_costs_a_moment_once():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = RedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", owner="me")
        started = time.monotonic()
        for number in range(50):
            assert hung.get(number) is None
            hung.put(number, b"x")
        assert time.monotonic() - started < 1
        hung.close()


def test_what_is_no_thread_in_redis_is_rendered_anew(server):
    shared = RedisCache(server.url, owner="me")
    shared.put(("page", (1,)), b"\x00 not brotli")
    threads = ReadyThreads(10**6, shared=shared)
    found = threads.get_or_render(
        "page", version=lambda: (1,), render=lambda: b"fresh", encoding="identity"
    )
    assert found.body == b"fresh"
    shared.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ready.cache"


@pytest.fixture
def opened(path):
    made = []

    def new(owner="me", most_bytes=10**7):
        made.append(FileCache(path, owner=owner, most_bytes=most_bytes))
        return made[-1]

    yield new
    for cache in made:
        cache.close()


def test_a_file_keeps_what_was_put_for_its_owner_only(opened, path):
    opened().put(("page", 1), b"body")
    assert opened().get(("page", 1)) == b"body"
    assert opened().get(("page", 2)) is None
    assert opened("another").get(("page", 1)) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_lets_the_oldest_go_when_it_is_full(opened, path):
    kept = opened(most_bytes=400_000)
    for number in range(400):
        kept.put(number, bytes([number % 256]) * 4000)
    found = [number for number in range(400) if kept.get(number)]
    assert found == list(range(found[0], 400))
    assert 40 < len(found) < 100
    kept.close()
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_thrown_away(opened, path, damage, monkeypatch):
    monkeypatch.setattr(patience.Patience, "REST_SECONDS", 0)
    before = opened()
    before.put("name", b"body")
    before.close()
    path.write_bytes(damage)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    later = opened()
    for _ in range(2):
        later.put("name", b"another")
    assert later.get("name") == b"another"


def test_a_body_that_was_torn_is_not_believed(opened, path):
    kept = opened()
    kept.put("name", b"body")
    with sqlite3.connect(path) as other:
        other.execute("UPDATE ready SET body = ?", (b"torn",))
    other.close()
    assert kept.get("name") is None


def held(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_file_that_is_emptied_holds_nothing_of_what_went_before_either(opened, path):
    """SQLite leaves what is thrown out in pages that are free."""
    kept = opened(most_bytes=400_000)
    for number in range(400):
        kept.put(number, b"Zuleika" * 500)
    assert b"Zuleika" in held(path)
    in_file.empty(path)
    assert b"Zuleika" not in held(path)
    kept.put("new", b"body")
    assert opened().get("new") == b"body"


def test_a_damaged_file_is_emptied_by_throwing_it_away(path):
    path.write_bytes(b"Zuleika" * 1000)
    in_file.empty(path)
    assert held(path) == b""


def test_a_file_that_somebody_does_not_let_go_of_is_thrown_away(opened, path):
    opened().put("name", b"Zuleika")
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM ready").fetchall()
        in_file.empty(path, patience=0.1)
        assert held(path) == b""


def test_where_there_is_no_file_none_comes_of_emptying_it(path):
    in_file.empty(path)
    assert not path.exists()


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path):
    kept = FileCache(tmp_path / "nowhere" / "ready.cache", owner="me", most_bytes=10**6)
    kept.put("name", b"body")
    assert kept.get("name") is None
    kept.close()


def test_many_threads_share_a_file(opened):
    kept, lost = opened(), []

    def use(number):
        for turn in range(50):
            kept.put((number, turn), b"%d %d" % (number, turn))
            if kept.get((number, turn)) != b"%d %d" % (number, turn):
                lost.append((number, turn))

    users = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert not lost


def test_no_file_is_kept_where_the_owner_wants_none(start, told):
    start(AFTERWORD_CACHE_DISK_MEGABYTES="0", AFTERWORD_REDIS_URL="")
    assert not list(Path(told["AFTERWORD_DATA"]).glob("ready*"))
