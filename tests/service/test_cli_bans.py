"""``afterword bans`` as an owner types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from afterword.cli import cli
from tests import running


@pytest.fixture
def run(settings, monkeypatch):
    """Run a command in this process, over this test's database."""
    for name, value in running.environment(settings.data).items():
        monkeypatch.setenv(name, value)

    def command(*words):
        return CliRunner().invoke(cli, words)

    return command


def test_bans_are_added_listed_and_removed(run, site, client, post):
    client.environ_base["REMOTE_ADDR"] = "8.8.8.8"
    post("Buy pills.", author={"name": "Bob", "email": "bob@spam.example"})
    posted = post("More.", author={"name": "Bob", "email": "bob@spam.example"}).json["comment"]
    assert "203.0.113.0/24 for good" in run("bans", "add", "203.0.113.0/24", "--note", "x").output
    made = run("bans", "add", "--author-of", posted["id"], "--days", "7", "--site", site.key)
    assert made.exit_code == 0, made.output
    assert made.output.count(" until ") == 3
    listed = json.loads(run("bans", "list", "--json").output)
    assert [ban["kind"] for ban in listed] == ["network", "email", "author", "range"]
    assert [ban["site"] for ban in listed] == [site.key] * 3 + [None]
    assert "on every site  (x)" in run("bans", "list", "--site", site.key).output
    for ban in listed:
        assert run("bans", "remove", str(ban["id"])).exit_code == 0
    assert run("bans", "list").output == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add",), 2),
        (("add", "spam.example", "--author-of", "x"), 2),
        (("add", "spam.example", "--days", "0"), 2),
        (("add", "nobody"), 1),
        (("add", "spam.example", "--site", "no.example"), 1),
        (("add", "--author-of", "1m83j1k6af3r8"), 1),
        (("remove", "7"), 1),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_banned(run, site, words, code):
    assert run("bans", *words).exit_code == code
    assert run("bans", "list").output == ""
