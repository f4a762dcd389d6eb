"""The doctor: finds what is wrong, says how to mend it, changes nothing."""

from __future__ import annotations

import datetime as dt
import socket
import time
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from afterword.core import clock, config
from afterword.identity import moderators
from afterword.notify.channels import email
from afterword.operate import backup, doctor, seen
from afterword.operate.finding import Grade
from tests import make, proxies, redis, running
from tests.mailbox import mailbox
from tests.postgresql import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(settings):
    """As a service makes it: the journal, too, takes its mode from the database."""
    if settings.sqlite_path:
        settings.sqlite_path.chmod(0o600)
    return settings


@pytest.fixture
def findings(settings):
    """What the doctor finds, as (grade, sentence) by name; with settings changed by keywords."""

    def examine(**changed):
        found = doctor.examine(config.read(running.environment(settings.data, **changed)))
        return {finding.about: (finding.grade, finding.sentence) for finding in found}

    return examine


@pytest.mark.sqlite("PostgreSQL is copied by tools of its own")
def test_a_service_that_is_set_up_well_has_nothing_to_mend(
    app, site, settings, findings, monkeypatch
):
    with app.app_context():
        moderators.add("owner@blog.example", password="correct horse battery")
    backup.backup(settings, settings.data / "copy.db")
    through = {"peer": "127.0.0.1", "client": "192.0.2.1", "host": "c.example"}
    monkeypatch.setattr(seen, "ask", lambda _: {**through, "forwarded": True, "trusted": True})
    with mailbox() as box:
        found = findings(
            public_url="https://c.example", trusted_proxies="127.0.0.1", smtp_url=box.url
        )
    assert {grade for grade, _ in found.values()} == {Grade.FINE}


def test_looking_makes_no_folder_and_no_key(tmp_path, settings):
    never = tmp_path / "never"
    found = doctor.examine(config.read({"AFTERWORD_DATA": str(never)}))
    assert found[0].grade is Grade.WRONG
    assert not never.exists()
    doctor.examine(settings)
    assert not (settings.data / "secret_keys").exists()


def test_a_folder_that_others_can_read_is_found_with_its_remedy(settings, findings):
    settings.data.chmod(0o755)
    grade, sentence = findings()["file modes"]
    assert grade is Grade.WRONG
    assert f"chmod 700 {settings.data}" in sentence


@pytest.mark.parametrize("name", ["backups/old.db", "secret_keys", "mine.db", "removed-a.jsonl"])
def test_a_file_of_ours_that_others_can_read_is_found(settings, findings, name):
    (settings.data / "backups").mkdir(mode=0o700)
    file = settings.data / name
    file.touch()
    file.chmod(0o604)
    grade, sentence = findings()["file modes"]
    assert grade is Grade.WRONG
    assert f"chmod 600 {file}" in sentence


def test_what_is_not_ours_is_not_judged(settings, findings):
    """Where the data folder is somebody's home: what ``useradd --create-home`` puts there."""
    for name in (".bashrc", ".profile"):
        (settings.data / name).touch()
        (settings.data / name).chmod(0o644)
    (settings.data / "lost+found").mkdir()
    (settings.data / "lost+found").chmod(0o755)
    assert "file modes" not in findings()


def test_a_folder_that_its_group_may_enter_is_pointed_at(settings, findings):
    """As Kubernetes makes a volume (fsGroup): nobody else is in that group."""
    settings.data.chmod(0o2770)
    for file in settings.data.iterdir():
        file.chmod(0o660)
    grade, sentence = findings()["file modes"]
    assert grade is Grade.LOOK
    assert sentence.endswith(f"chmod -R g= {settings.data}")
    assert [found.about for found in doctor.examine(settings)].count("file modes") == 1


@pytest.mark.sqlite("its file is looked at")
def test_a_database_outside_the_data_folder_is_looked_at_too(settings, tmp_path, findings):
    elsewhere = tmp_path / "elsewhere.db"
    settings.sqlite_path.rename(elsewhere)
    elsewhere.chmod(0o644)
    found = findings(database_url=f"sqlite:///{elsewhere}")
    assert f"chmod 600 {elsewhere}" in found["file modes"][1]


@pytest.mark.sqlite("its file is looked at")
def test_a_damaged_database_is_found(settings, findings):
    settings.sqlite_path.write_bytes(b"x" * 9000)
    grade, sentence = findings()["database"]
    assert grade is Grade.WRONG
    assert "afterword restore" in sentence


@pytest.mark.parametrize(
    ("version", "expected", "words"),
    [("9999", Grade.WRONG, "newer version"), ("0001", Grade.LOOK, "older than this version")],
)
def test_a_database_of_another_version_is_found(settings, findings, version, expected, words):
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": version})
    engine.dispose()
    grade, sentence = findings()["database"]
    assert grade is expected
    assert words in sentence


def test_a_service_without_site_or_moderator_is_told_the_commands(findings):
    found = findings()
    assert found["sites"][0] is found["moderators"][0] is Grade.LOOK
    assert "afterword sites add" in found["sites"][1]


def test_a_key_that_is_no_secret_is_found(findings):
    assert findings(secret_keys="a" * 40)["secret keys"][0] is Grade.WRONG


def test_an_address_without_https_is_pointed_at(findings):
    assert findings()["public address"][0] is Grade.LOOK
    assert findings(public_url="http://c.example")["public address"][0] is Grade.LOOK


def test_a_proxy_that_is_not_named_is_pointed_at(findings):
    assert findings(public_url="https://c.example")["proxies"][0] is Grade.LOOK


@pytest.mark.sqlite("its file is looked at")
def test_an_old_copy_or_none_is_pointed_at(settings, findings):
    assert "No copy was ever made" in findings()["backup"][1]
    assert "AFTERWORD_BACKUP_HOURS" in findings(backup_hours="0")["backup"][1]
    backup.backup(settings, settings.data / "copy.db")
    assert findings()["backup"][0] is Grade.FINE
    old = clock.text(clock.now() - dt.timedelta(days=9))
    (settings.data / backup.LAST).write_text(old + "\n", encoding="utf-8")
    assert findings()["backup"][0] is Grade.LOOK


def test_several_hosts_without_keys_in_common_are_pointed_at(findings):
    told = {
        "database_url": "postgresql+psycopg://a@127.0.0.1:9/b",
        "redis_url": "redis://127.0.0.1:9",
    }
    assert findings(**told)["hosts"][0] is Grade.LOOK
    assert "hosts" not in findings(**told, secret_keys="k" * 20 + "0123456789abcdef")


def test_a_redis_with_another_clock_is_pointed_at(findings, monkeypatch):
    with redis.server() as server:
        assert "clocks" not in findings(redis_url=server.url)
        monkeypatch.setattr(doctor, "MOST_APART", -1)
        assert findings(redis_url=server.url)["clocks"][0] is Grade.LOOK


@pytest.fixture
def through(tmp_path, monkeypatch):
    """What the doctor finds of a service that is reached through nginx, as its file has it."""

    def examine(**told):
        data, port = tmp_path / "data", running.free_port()
        running.command(data, "init", "--site-origin", "https://blog.example")
        with proxies.nginx(tmp_path / "proxy", [port]) as proxy:
            monkeypatch.setattr("afterword.core.fetch._trusted", lambda: proxy.trust)
            settings = {"public_url": proxy.url, **told}
            with running.serving(data, port=port, **settings):
                found = doctor.examine(config.read(running.environment(data, **settings)))
        return {one.about: (one.grade, one.sentence) for one in found}

    return examine


@pytest.mark.slow
def test_a_proxy_that_is_set_up_rightly_is_found_so(through):
    grade, sentence = through(trusted_proxies="127.0.0.1")["proxy"]
    assert grade is Grade.FINE, sentence
    assert "through 127.0.0.1" in sentence


@pytest.mark.slow
def test_a_proxy_that_is_not_trusted_is_found_with_what_to_set(through):
    grade, sentence = through()["proxy"]
    assert grade is Grade.WRONG
    assert "AFTERWORD_TRUSTED_PROXIES=127.0.0.1" in sentence


def test_nobody_else_is_told_how_he_is_seen(client):
    for word in ("", "1", "1.2.3", f"{int(clock.now().timestamp())}.salt.{'0' * 64}", "é.é.é"):
        assert client.get("/healthz", headers={"Afterword-Look": word}).data == b"ok\n"


def test_a_comment_from_the_future_shows_a_wrong_clock(app, site, findings):
    with app.app_context():
        later = clock.now() - make.START + dt.timedelta(days=1)
        make.comment(make.page(site), minute=later.total_seconds() / 60)
    grade, sentence = findings()["clock"]
    assert grade is Grade.LOOK
    assert "Set it" in sentence


def test_a_redis_that_is_not_there_is_found_with_its_reason_and_a_mend(findings):
    grade, sentence = findings(redis_url="redis://:hidden@127.0.0.1:1/0")["Redis"]
    assert grade is Grade.WRONG
    assert "Connection refused. Start it, or correct host and port in AFTERWORD_REDIS" in sentence
    assert "hidden" not in sentence


def test_a_redis_that_wants_another_password_is_told_from_one_that_is_not_there(findings):
    import redis as known

    with redis.server() as server:
        url = server.url.replace("//", "//somebody:hidden@")
        grade, sentence = findings(redis_url=url)["Redis"]
        assert grade is Grade.WRONG
        assert sentence.endswith("Correct the user or the password in AFTERWORD_REDIS_URL.")
        assert "hidden" not in sentence
        sentence = findings(redis_url=server.url.replace("/0", "/99"))["Redis"][1]
        assert sentence.endswith("Correct the number of the database in AFTERWORD_REDIS_URL.")
        with known.Redis.from_url(server.url) as owner:
            owner.config_set("requirepass", "another")
        sentence = findings(redis_url=server.url)["Redis"][1]
        assert sentence.endswith("Write the password into AFTERWORD_REDIS_URL.")


@pytest.mark.parametrize(
    ("place", "reason", "mend"),
    [
        ("127.0.0.1:1/d", "Connection refused", "Start it, or correct host and port"),
        ("no.such.invalid/d", "resolve host", "Correct the host"),
    ],
)
def test_a_postgresql_that_is_not_there_is_found_with_its_reason_and_a_mend(
    findings, place, reason, mend
):
    grade, sentence = findings(database_url=f"postgresql+psycopg://u:hidden@{place}")["database"]
    assert grade is Grade.WRONG
    assert reason in sentence
    assert sentence.endswith(f"{mend} in AFTERWORD_DATABASE_URL.")
    assert "hidden" not in sentence


def test_a_postgresql_without_this_database_or_user_is_told_from_one_that_is_not_there(
    findings, postgresql_server
):
    there = postgresql_server.replace("postgresql:", "postgresql+psycopg:")
    for url, reason in (
        (f"{there}/nowhere", 'database "nowhere" does not exist'),
        (there.replace("postgres@", "nobody:hidden@") + "/d", 'role "nobody" does not exist'),
    ):
        grade, sentence = findings(database_url=url)["database"]
        assert grade is Grade.WRONG
        assert f"{reason}. Make it (createuser, createdb), or correct AFTER" in sentence
        assert "hidden" not in sentence


def test_a_postgresql_that_wants_another_password_is_told_from_one_that_is_not_there(findings):
    with Server.running() as server:
        (server.folder / "data" / "pg_hba.conf").write_text("host all all all scram-sha-256\n")
        server.stop()
        server.start()
        url = server.address.replace("postgresql:", "postgresql+psycopg:")
        grade, sentence = findings(database_url=f"{url}/postgres")["database"]
        assert grade is Grade.WRONG
        assert sentence.endswith("Write the password into AFTERWORD_DATABASE_URL.")
        named = url.replace("postgres@", "postgres:hidden@")
        sentence = findings(database_url=f"{named}/postgres")["database"][1]
        assert sentence.endswith("Correct the user or the password in AFTERWORD_DATABASE_URL.")
        assert "hidden" not in sentence


@pytest.mark.parametrize(
    ("setting", "scheme", "about"),
    [("database_url", "postgresql+psycopg", "database"), ("redis_url", "redis", "Redis")],
)
def test_a_server_that_says_nothing_is_waited_for_a_moment(findings, setting, scheme, about):
    began = time.monotonic()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"{scheme}://u:hidden@127.0.0.1:{silent.getsockname()[1]}/1"
        grade, sentence = findings(**{setting: url})[about]
    assert time.monotonic() - began < 10
    assert grade is Grade.WRONG
    assert "time" in sentence.lower()


def test_a_service_without_a_mail_server_is_told_so(findings):
    assert findings()["mail"][0] is Grade.LOOK


def test_a_mail_server_that_takes_the_service_is_found_without_sending_a_mail(findings):
    with mailbox() as box:
        grade, sentence = findings(smtp_url=box.url)["mail"]
    assert grade is Grade.FINE
    assert f"127.0.0.1:{box.port}" in sentence
    assert box.letters == []


def test_a_mail_server_that_is_not_there_is_found(findings):
    grade, sentence = findings(smtp_url="smtp://blog:hidden@127.0.0.1:9")["mail"]
    assert grade is Grade.WRONG
    assert "127.0.0.1:9. The mail server does not answer: Connection refused" in sentence
    assert "hidden" not in sentence


def test_a_mail_server_that_says_nothing_is_waited_for_a_moment(findings, monkeypatch):
    monkeypatch.setattr(email, "PATIENCE_OF_A_LOOK", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        grade, sentence = findings(smtp_url=url)["mail"]
    assert grade is Grade.WRONG
    assert "does not answer: Connection unexpectedly closed: timed out" in sentence


def test_a_mail_server_that_refuses_the_log_in_is_quoted(findings):
    with mailbox() as box:
        url = f"smtp://blog:hidden@127.0.0.1:{box.port}"
        grade, sentence = findings(smtp_url=url)["mail"]
    assert grade is Grade.WRONG
    assert "refuses this service: 535" in sentence
    assert "hidden" not in sentence


def test_a_disk_that_is_almost_full_is_wrong(settings, findings, monkeypatch):
    def of(free):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("afterword.operate.doctor.shutil.disk_usage", lambda _: usage)
        return findings()["disk"]

    assert of(2**30) == (Grade.FINE, f"1024 MiB are free for {settings.data}.")
    assert of(200 * 2**20)[0] is Grade.LOOK
    grade, sentence = of(99 * 2**20)
    assert (grade, "make room" in sentence) == (Grade.WRONG, True)


@pytest.mark.sqlite("PostgreSQL is copied by tools of its own")
def test_a_disk_without_the_room_for_a_backup_is_wrong(settings, findings, monkeypatch):
    with settings.sqlite_path.open("r+b") as database:
        database.truncate(600 * 2**20)  # a hole: it takes no room itself
    usage = type("Usage", (), {"free": 1100 * 2**20})
    monkeypatch.setattr("afterword.operate.doctor.shutil.disk_usage", lambda _: usage)
    grade, sentence = findings()["disk"]
    assert grade is Grade.WRONG
    assert "a backup needs 1200" in sentence
    assert findings(backup_hours="0")["disk"][0] is Grade.FINE


def test_a_mail_on_trial_arrives(settings):
    with mailbox() as box:
        done = running.command(
            settings.data, "doctor", "--mail", "you@blog.example", smtp_url=box.url
        )
    assert box.only()["To"] == "you@blog.example"
    assert "took a mail to you@blog.example" in done.stdout


def test_a_mail_server_that_refuses_is_quoted(settings):
    with mailbox() as box:
        box.answer = "554 5.7.1 not from you"
        done = running.command(
            settings.data, "doctor", "--mail", "you@blog.example", smtp_url=box.url
        )
    assert done.returncode == 1
    assert "refuses the mail: 554 5.7.1 not from you" in done.stdout


def test_an_address_on_trial_that_is_none_is_refused(settings):
    done = running.command(settings.data, "doctor", "--mail", "you", smtp_url="smtp://localhost")
    assert done.returncode == 1
    assert "does not look like one e-mail address" in done.stderr
