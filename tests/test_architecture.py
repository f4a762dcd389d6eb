"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from afterword.core import config, registry
from afterword.core.db import Model, transaction
from afterword.core.errors import BadOrigin
from afterword.identity import accounts
from afterword.operate import migrate
from afterword.sites.options import Options
from afterword.spam.assess import ASKED, CHECKS, FORM_CHECKS, NEEDS
from tests import desk

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "service" / "afterword"
TESTS = ROOT / "tests"
AREAS = {"api", "pages", "auth", "admin"}

# Writes that are taken from anywhere, and why.
OPEN_WRITES = {
    "pages.unsubscribe": "asks for a signed token: mail programs send it from anywhere (RFC 8058)",
    "pages.take_mention": "other services send it (Webmention); it only has a page looked at",
}

# By its code, by its title, and in the words of a page that shows the form again.
REFUSALS = (f'"{BadOrigin.code}"', BadOrigin.title, "was sent from another page")


@pytest.fixture
def told(told):
    return {**told, "AFTERWORD_SMTP_URL": "smtp://localhost:1"}


@pytest.fixture
def real(app, post):
    """What stands in addresses for what there is."""
    comment = post().json["comment"]["id"]
    with app.app_context(), transaction():
        key = accounts.key(accounts.let_in(accounts.by_email("ada@reader.example")))
    return {"comment_id": comment, "key": key, "site_id": 1, "page_id": 1, "moderator_id": 1}


def test_every_route_belongs_to_one_area(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            assert rule.endpoint.partition(".")[0] in AREAS, rule


def test_every_area_of_writers_has_its_policy_hook(app):
    assert app.after_request_funcs["api"], "CORS"
    assert app.before_request_funcs["admin"], "log-in and form tokens"
    assert app.before_request_funcs["auth"], "requests of its own pages alone"


@pytest.mark.parametrize("said_by", [{"Sec-Fetch-Site": "cross-site"}, {}], ids=["new", "old"])
def test_every_write_from_another_sites_page_is_refused_as_such(app, real, said_by):
    """Also that of somebody who is logged in, on what there is."""
    desk.moderator(app, "hanna@blog.example")
    client = desk.of(app, "hanna@blog.example").client
    for rule in app.url_map.iter_rules():
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.endpoint in OPEN_WRITES:
                continue
            _, address = rule.build({name: real.get(name, "x") for name in rule.arguments})
            said = {"url": "https://blog.example/first-post", "text": "x"}
            sent = {"json": said} if address.startswith("/api/") else {"data": said}
            headers = {"Origin": "https://evil.example", **said_by}
            answer = client.open(address, method=method, headers=headers, **sent)
            assert answer.status_code == 403, (rule, answer.status)
            assert any(words in answer.text for words in REFUSALS), (rule, answer.text)


def test_migrations_are_numbered_with_one_head():
    files = sorted(path.stem for path in (SERVICE / "migrations" / "versions").glob("*.py"))
    numbers = [name.partition("_")[0] for name in files if name != "__init__"]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    assert migrate.head() == numbers[-1]


def _is_read_whole(thing, _name, kind, _reflected, _compared) -> bool:
    """Of a key that came with a later column SQLAlchemy sees no ON DELETE on SQLite."""
    if kind != "foreign_key_constraint":
        return True
    return (thing.table.name, *thing.column_keys) not in LATER_KEYS


LATER_KEYS = {
    ("acts", "site_id"): ("sites", "SET NULL"),
    ("authors", "account_id"): ("accounts", "CASCADE"),
    ("subscriptions", "waits_for"): ("authors", "CASCADE"),
}


@pytest.mark.sqlite("its keys are asked for; PostgreSQL is compared beside it")
@pytest.mark.parametrize(("table", "column"), LATER_KEYS)
def test_what_a_row_belongs_to_goes_as_the_models_say(settings, table, column):
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        keys = connection.exec_driver_sql(f"PRAGMA foreign_key_list('{table}')").mappings().all()
    engine.dispose()
    ends = {key["from"]: (key["table"], key["on_delete"]) for key in keys}
    assert ends[column] == LATER_KEYS[table, column]


def _differences(address: str) -> list[object]:
    engine = create_engine(address)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_object": _is_compared}
        context = MigrationContext.configure(connection, opts=opts)
        found = compare_metadata(context, Model.metadata)
    engine.dispose()
    return found


def _is_compared(*told) -> bool:
    return _is_no_index_of_words(*told) and _is_read_whole(*told)


def _is_no_index_of_words(_thing, name, kind, *_rest) -> bool:
    """The index of words is no model: its shape hangs on the database. ``test_index`` looks at it.

    On SQLite virtual tables, with others behind them; on PostgreSQL tables with triggers.
    """
    return kind != "table" or re.fullmatch(r"(comment|page)_words(_[a-z]+)?", name) is None


@pytest.mark.sqlite("there is one for PostgreSQL beside it")
def test_migrating_an_empty_sqlite_gives_the_models_tables(settings):
    assert _differences(settings.database) == []


def test_migrating_an_empty_postgresql_gives_the_models_tables(tmp_path, postgresql):
    settings = config.read(
        {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    )
    assert migrate.upgrade(settings)[-1] == migrate.head()
    assert migrate.upgrade(settings) == []
    assert _differences(postgresql) == []


@pytest.mark.parametrize("dotted", {**CHECKS, **ASKED}.values())
def test_every_registered_check_imports_and_has_a_test_of_its_name(dotted):
    assert callable(registry.load(dotted))
    name = dotted.partition(":")[0].rpartition(".")[2]
    assert (TESTS / "service" / f"test_check_{name}.py").exists()


def test_form_checks_are_checks():
    assert set(CHECKS) >= FORM_CHECKS


def test_no_check_asks_others_unless_a_site_says_whom():
    assert ASKED.keys() == NEEDS.keys()
    for needs in NEEDS.values():
        assert needs
        assert not any(getattr(Options(), name) for name in needs)


def test_every_test_is_found_by_its_name():
    near = re.compile(r"(?i)^(text|tets|tst|testt|tes|teest)_")
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert not near.match(node.name), f"{path.name}: {node.name}"


def test_long_modules_and_functions_are_printed_as_places_to_look():
    for path in sorted(SERVICE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 300:
            print(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno > 40:
                print(f"{path.relative_to(ROOT)}: {node.name} has {node.end_lineno - node.lineno}")


def test_no_file_names_a_package_registry():
    lock = ROOT / "widget" / "package-lock.json"
    if lock.exists():
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        assert not any("resolved" in package for package in packages.values())


def test_no_two_filters_of_templates_have_one_name():
    """They are the whole application's: the later one would change the other's pages unseen."""
    named = [
        name
        for path in sorted((SERVICE / "web").rglob("*.py"))
        for name in re.findall(r'template_filter\("(\w+)"\)', path.read_text(encoding="utf-8"))
    ]
    assert len(named) > 5
    assert len(named) == len(set(named))
