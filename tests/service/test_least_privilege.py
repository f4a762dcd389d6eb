"""A user of PostgreSQL who may only read and write rows is enough to serve."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path

import psycopg
import pytest

from tests import running
from tests.postgresql import PROGRAMS

pytestmark = pytest.mark.slow

ROLES = Path(__file__).parents[2] / "deploy" / "postgresql" / "roles.sql"
BLOG = "https://blog.example"


@pytest.fixture
def programs():
    found = subprocess.run(["bash", PROGRAMS], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


@pytest.fixture
def addresses(postgresql_server, programs):
    """Two users as deploy/postgresql/roles.sql makes them: the tables' owner, and the service."""
    words = ["--set", "owner_password=one", "--set", "service_password=two", "--file", ROLES]
    psql = [
        programs / "psql",
        f"{postgresql_server}/postgres",
        "--set",
        "ON_ERROR_STOP=1",
    ]
    done = subprocess.run([*psql, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place = postgresql_server.partition("@")[2]
    yield [
        f"postgresql+psycopg://{user}@{place}/afterword"
        for user in ("afterword_owner:one", "afterword:two")
    ]
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as server:
        server.execute("DROP DATABASE afterword WITH (FORCE)")
        server.execute("DROP ROLE afterword")
        server.execute("DROP ROLE afterword_owner")


def post(service):
    said = {"url": f"{BLOG}/a", "text": "Good morning.", "author": {"name": "Ada"}}
    asked = urllib.request.Request(
        f"{service.url}/api/v1/comments",
        data=json.dumps(said).encode(),
        headers={"Origin": BLOG, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return answer.status


def test_a_user_who_may_not_change_tables_serves_what_their_owner_migrated(addresses, tmp_path):
    owner, user = addresses
    data = tmp_path / "data"

    refused = running.command(data, "migrate", database_url=user)
    assert refused.returncode == 1
    assert "afterword migrate" in refused.stderr
    assert "Traceback" not in refused.stderr

    made = running.command(data, "migrate", database_url=owner)
    assert made.returncode == 0, made.stderr
    again = running.command(data, "migrate", database_url=user)
    assert "no changes" in again.stdout

    site = running.command(data, "sites", "add", BLOG, database_url=user)
    assert site.returncode == 0, site.stderr
    with running.serving(data, database_url=user, form_checks="off") as service:
        assert post(service) == 201
        thread = f"{service.url}/api/v1/thread?url={BLOG}/a"
        with urllib.request.urlopen(thread, timeout=10) as answer:
            assert json.load(answer)["page"]["count"] == 1
        assert service.stop() == 0

    with psycopg.connect(user.replace("+psycopg", "")) as connection:
        for statement in ("DROP TABLE comments", "ALTER TABLE sites ADD x int", "TRUNCATE acts"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
            connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (x int)")


def run(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("into", ["what createdb made", "what roles.sql made"])
def test_the_two_users_are_who_they_were_after_a_restore_by_a_superuser(
    addresses, programs, postgresql_server, tmp_path, into
):
    """By the lines of docs/backup.md."""
    owner, user = addresses
    data, dump = tmp_path / "data", tmp_path / "comments.dump"
    assert running.command(data, "migrate", database_url=owner).returncode == 0
    assert running.command(data, "sites", "add", BLOG, database_url=user).returncode == 0
    run(
        programs / "pg_dump", "--format", "custom", "--file", dump, f"{postgresql_server}/afterword"
    )
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as server:
        server.execute("DROP DATABASE afterword WITH (FORCE)")

    there = {"name": f"{postgresql_server}/afterword", "comments.dump": str(dump)}
    page = (ROLES.parents[2] / "docs" / "backup.md").read_text(encoding="utf-8")
    if into == "what createdb made":
        (made,) = re.findall(r"^createdb (.*) name$", page, re.MULTILINE)
        server = f"--maintenance-db={postgresql_server}/postgres"
        run(programs / "createdb", server, *made.split(), "afterword")
    else:
        rest = tmp_path / "rest.sql"  # the two users are there in this test
        rest.write_text("CREATE DATABASE" + ROLES.read_text().partition("CREATE DATABASE")[2])
        run(programs / "psql", f"{postgresql_server}/postgres", "--file", rest)
    (restored,) = re.findall(r"^pg_restore (--single.*)$", page, re.MULTILINE)
    run(programs / "pg_restore", *(there.get(word, word) for word in restored.split()))

    listed = running.command(data, "sites", "list", database_url=user)
    assert "blog.example" in listed.stdout, listed.stderr
    with psycopg.connect(owner.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER TABLE comments ADD COLUMN of_the_next_version text")
        connection.execute("CREATE TABLE of_the_next_version (name text)")
    with psycopg.connect(user.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("INSERT INTO of_the_next_version VALUES ('new tables too')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE comments DROP COLUMN of_the_next_version")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (x int)")
