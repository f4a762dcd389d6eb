"""From one database to the other: the same comments give the same bytes on each."""

from __future__ import annotations

import io

import psycopg
import pytest
from sqlalchemy import make_url

from afterword.app import close, create_app
from afterword.core import config
from afterword.operate import migrate
from afterword.sites import changes, directory
from afterword.threads.models import State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.slow


@pytest.fixture
def sorted_as_people_do(postgresql):
    """A database that sorts as people do, a before B, which is what most have."""
    there = make_url(postgresql)
    name = f"{there.database}_icu"
    address = there.set(drivername="postgresql").render_as_string()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'"
        )
        yield there.set(database=name).render_as_string()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def on(tmp_path):
    """An application's context over a new database."""
    contexts = []

    def enter(name, **told):
        variables = {f"AFTERWORD_{key.upper()}": value for key, value in told.items()}
        settings = config.read({"AFTERWORD_DATA": str(tmp_path / name), **variables})
        migrate.upgrade(settings)
        app = create_app(settings)
        context = app.app_context()
        context.push()
        contexts.append((app, context))
        return changes.add(BLOG)

    def leave():
        app, context = contexts.pop()
        context.pop()
        close(app)

    yield enter, leave
    while contexts:
        leave()


def test_a_site_goes_from_sqlite_to_postgresql_and_back_without_a_byte_of_difference(
    on, sorted_as_people_do
):
    enter, leave = on
    site = enter("one")
    page = make.page(site)
    for name in ("a", "B", "_", "-", "b"):
        make.comment(page, id=name, text="Grüße 🎈", reactions={"heart": 1})
        make.page(site, f"{BLOG}/{name}")
    make.comment(page, make.comment(page, id="z", minute=1), minute=1, state=State.SPAM, id="Z")
    first = exported(site)
    leave()
    site = enter("two", database_url=sorted_as_people_do)
    report = run("native", io.BytesIO(first), site=site)
    assert (report.inserted, report.warnings) == (7, [])
    second = exported(site)
    leave()
    site = enter("three")
    run("native", io.BytesIO(second), site=site)
    assert first == second == exported(site)


def exported(site):
    out = io.BytesIO()
    export.write(directory.by_id(site.id), out)
    return out.getvalue()
