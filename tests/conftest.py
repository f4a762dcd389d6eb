"""What most tests stand on: a real database in a folder of its own, the application over it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from types import MethodType
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.config import Settings
from afterword.operate import migrate
from afterword.sites import changes, directory
from afterword.sites.directory import KnownSite
from tests import databases, running
from tests.far import authority, internet  # noqa: F401 - fixtures
from tests.faults.results import (  # noqa: F401 - a fixture and hooks
    figure,
    pytest_runtest_logreport,
    pytest_runtest_setup,
    pytest_sessionfinish,
)
from tests.mailbox import box, mail, mail_server  # noqa: F401 - fixtures
from tests.postgresql import cluster
from tests.provider import keyring  # noqa: F401 - a fixture

BLOG = "https://blog.example"
PAGE = f"{BLOG}/first-post"
BUILDERS = ("_build", "_build_unknown")  # of an address, in Werkzeug

# How long one example takes says nothing of the product: a machine may pause.
hypothesis.settings.register_profile("afterword", deadline=None)
hypothesis.settings.load_profile("afterword")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is tried where more finds more. The defaults fit ``make test``."""
    group = parser.getgroup("afterword")
    group.addoption("--fuzz-cases", type=int, default=400, help="Requests that are made up.")
    group.addoption("--corpus", type=Path, help="Hostile texts besides ours: a JSON array.")
    group.addoption("--kills", type=int, default=10, help="How often the service is killed.")
    group.addoption("--bad-pages", type=int, default=6, help="Pages of a database damaged.")
    group.addoption("--hostile", type=int, default=600, help="Hostile texts shown in a browser.")
    group.addoption("--slow-clients", type=int, default=300, help="Connections that send slowly.")
    group.addoption("--soak-seconds", type=int, default=8, help="How long the soak goes on.")
    group.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="Where services under test keep their rows.",
    )
    group.addoption("--reliability", type=Path, help="Where to write what fault tests found.")
    group.addoption("--screens", type=Path, help="Where to keep pictures of the desk.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about SQLite alone where the rows are elsewhere."""
    if config.getoption("--database") == "sqlite":
        return
    for item in items:
        if mark := item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason=f"SQLite alone: {mark.args[0]}"))


@pytest.fixture(scope="session", autouse=True)
def _database(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("--database") == "sqlite":
        yield
    else:
        with databases.on(request.getfixturevalue("postgresql_server")):
            yield


@pytest.fixture(autouse=True)
def _databases_go_with_their_folders(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("--database") == "sqlite":
        yield
    else:
        folder = request.getfixturevalue("tmp_path")
        yield
        databases.forget(folder)


@pytest.fixture(autouse=True)
def _files_are_made_as_before() -> Iterator[None]:
    """A command narrows the umask of its process, which here is that of the other tests too."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated database without rows, made once: each test gets a copy."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    migrate.upgrade(config.read(running.environment(folder)))
    return folder


@pytest.fixture
def told() -> dict[str, str]:
    """Environment variables for this test's settings; a test or module may override it."""
    return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}


@pytest.fixture
def settings(tmp_path: Path, empty_folder: Path, told: dict[str, str]) -> Settings:
    data = tmp_path / "data"
    shutil.copytree(empty_folder, data)
    databases.copy(empty_folder, data)
    return config.read({**running.environment(data), **told})


@pytest.fixture(scope="session", autouse=True)
def _processes_hatch() -> None:
    running.hatches = True


@pytest.fixture(scope="session", autouse=True)
def _addresses_are_compiled_once() -> Iterator[None]:
    """Every test has an application of its own; that all have the same 190 addresses would else
    take them half of their time."""
    compiled: dict[object, dict[str, Any]] = {}
    names = ("_parts", "_trace", "_converters", "arguments")
    compile_anew = Rule.compile

    def look_up(rule: Rule) -> None:
        defaults = tuple((rule.defaults or {}).items())
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, defaults)
        if key not in compiled:
            compile_anew(rule)
            compiled[key] = {name: getattr(rule, name) for name in names}
            compiled[key] |= {name: getattr(rule, name).__func__ for name in BUILDERS}
            return
        for name in names:
            setattr(rule, name, copy(compiled[key][name]))
        for name in BUILDERS:
            setattr(rule, name, MethodType(compiled[key][name], rule))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", look_up)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    """Every test has a database of its own, and each would else have every statement put into SQL
    anew, which takes longer than asking it."""
    kept: LRUCache[Any, Any] = LRUCache(5000)
    make_engine = SQLAlchemy._make_engine

    def make_with_what_is_kept(*words: Any, **named: Any) -> Engine:
        engine = make_engine(*words, **named)
        if engine.dialect.name == "sqlite":
            engine._compiled_cache = kept
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLAlchemy, "_make_engine", make_with_what_is_kept)
        # What is kept is found by the dialect too, of which each engine has its own.
        patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = False  # errors are answered as they are in service, not raised
    yield app
    close(app)


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """For tests that call use cases and look at rows."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def site(app: Flask) -> KnownSite:
    """The blog of most tests, which publishes at once."""
    with app.app_context():
        changes.add(BLOG, name="A blog")
        return directory.of_url(BLOG)


@pytest.fixture
def post(client: FlaskClient, site: KnownSite) -> Callable[..., TestResponse]:
    """Post a comment as the widget does; keywords change the body, ``headers`` the headers."""

    def send(
        text: Any = "Good morning.", *, headers: dict[str, str] | None = None, **changed: Any
    ) -> TestResponse:
        body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **changed}
        return client.post(
            "/api/v1/comments", json=body, headers={"Origin": BLOG, **(headers or {})}
        )

    return send


@pytest.fixture
def thread(client: FlaskClient, site: KnownSite) -> Callable[..., dict[str, Any]]:
    """The thread of a page as the widget gets it."""

    def get(url: str = PAGE, **query: Any) -> dict[str, Any]:
        answer = client.get("/api/v1/thread", query_string={"url": url, **query})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    return get


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of this run's own; fails where its programs are missing."""
    with cluster() as address:
        yield address


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """A new empty database."""
    import psycopg

    name = f"afterword_{secrets.token_hex(6)}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        # A machine that does much besides may need longer for it than readers are to wait.
        address = f"{postgresql_server}/{name}?connect_timeout=20"
        yield address.replace("postgresql:", "postgresql+psycopg:", 1)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
