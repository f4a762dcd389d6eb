"""Baking on a machine that has no database: what a running service says gives the same bytes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from afterword.app import opened
from afterword.cli.bake import bake_command
from afterword.core import config
from afterword.operate import migrate
from afterword.sites import changes, directory
from afterword.transfer.bake.run import Stored, bake
from tests import make, running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow
TAG = '<script src="{}/embed.js" async></script>'


@pytest.fixture
def service(tmp_path):
    """A service with a page of 130 roots, of which one has 120 answers and one is pinned."""
    data = tmp_path / "data"
    migrate.upgrade(config.read(running.environment(data)))
    inside(data, fill)
    with running.serving(data, form_checks="off", rate_limits="off") as service:
        yield service


def inside(data, act):
    with opened(config.read(running.environment(data))):
        return act()


def fill():
    changes.add(BLOG)
    page = make.page(directory.of_url(BLOG))
    roots = make.comments(page, 130)
    for minute in range(120):
        make.comment(page, roots[5], minute=200 + minute, html=f"<p>Answer {minute}</p>")
    make.comment(page, minute=400, html="<p>First</p>", is_pinned=True)
    make.page(directory.of_url(BLOG), f"{BLOG}/quiet")


def built(folder, url):
    for name in ("first-post", "quiet", "never"):
        (folder / name).mkdir(parents=True)
        (folder / name / "index.html").write_text(f"<p>{name}</p>\n{TAG.format(url)}\n")
    return folder


def run(folder, service, *more):
    asked = [str(folder), "--from", service.url, "--site", "blog.example", *more]
    answer = CliRunner().invoke(bake_command, asked, catch_exceptions=False)
    return answer.output


def contents(folder):
    return {path.parent.name: path.read_text() for path in sorted(folder.rglob("*.html"))}


def test_the_service_and_its_database_bake_the_same(service, tmp_path):
    here, there = built(tmp_path / "here", service.url), built(tmp_path / "there", service.url)
    inside(
        tmp_path / "data",
        lambda: bake(here, Stored(directory.of_url(BLOG)), service=service.url),
    )
    assert "3 pages written" in run(there, service)
    assert contents(there) == contents(here)
    assert contents(there)["first-post"].count("<article>") == 251
    assert "0 pages written, 3 were up to date" in run(there, service)


def test_what_has_not_changed_is_not_read_again(service, tmp_path):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    run(folder, service, "--keep", str(kept))
    seen = kept.read_text()
    assert "Answer 7<" in seen
    # What the file says is believed as long as the service answers that nothing has changed.
    kept.write_text(seen.replace("Answer 7<", "Kept words<"))
    run(folder, service, "--keep", str(kept))
    assert "Kept words<" in contents(folder)["first-post"]
    assert set(json.loads(seen)) == set(json.loads(kept.read_text()))


def test_what_came_since_is_read(service, tmp_path):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    run(folder, service, "--keep", str(kept))
    inside(tmp_path / "data", say_more)
    # A cache of the service may hold its answer for a second.
    while "1 pages written" not in run(folder, service, "--keep", str(kept)):
        pass
    assert contents(folder)["never"].count("<article>") == 1


def test_a_build_fails_by_check_while_a_page_is_out_of_date(service, tmp_path):
    folder = built(tmp_path / "site", service.url)
    before = contents(folder)
    asked = [str(folder), "--from", service.url, "--site", "blog.example", "--check"]
    answer = CliRunner().invoke(bake_command, asked)
    assert answer.exit_code == 1
    assert answer.output.count("index.html is out of date.") == 3
    assert contents(folder) == before
    run(folder, service)
    assert CliRunner().invoke(bake_command, asked).exit_code == 0


def say_more():
    make.comment(make.page(directory.of_url(BLOG), f"{BLOG}/never"), minute=1)


def test_a_service_that_is_away_changes_no_page_and_says_so(tmp_path):
    folder = built(tmp_path / "site", "http://127.0.0.1:9")
    before = contents(folder)
    asked = [str(folder), "--from", "http://127.0.0.1:9", "--site", "blog.example"]
    answer = CliRunner().invoke(bake_command, asked)
    assert answer.exit_code == 1
    assert "The service does not answer" in str(answer.exception)
    assert contents(folder) == before
