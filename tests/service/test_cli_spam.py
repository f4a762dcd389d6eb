"""``afterword spam``: trying the filter, taking along what it learned."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from afterword.cli import cli
from afterword.moderation import actions
from afterword.threads.models import State
from tests import make, running
from tests.service.test_bayes import COMMENTS

pytestmark = pytest.mark.slow


@pytest.fixture
def run(settings, monkeypatch):
    """Run a command as a shell would; answers its result."""
    for name, value in running.environment(settings.data).items():
        monkeypatch.setenv(name, value)

    def call(*words, **how):
        return CliRunner().invoke(cli, list(words), **how)

    return call


@pytest.fixture
def learned(app, site):
    """A site that has learned two comments."""
    with app.app_context():
        page = make.page(site)
        for act, text in ((actions.spam, "Cheap pills."), (actions.approve, "I read it.")):
            act([make.comment(page, text=text, state=State.PENDING).id], by="owner")
    return site


def test_a_trial_says_what_would_have_been_held(run):
    said = run("spam", "try", str(COMMENTS))
    assert said.exit_code == 0
    assert "195 comments: 99 good, 96 spam." in said.output
    figures = json.loads(run("spam", "try", str(COMMENTS), "--json").output)
    assert figures["curve"][-1] == {"after": 195, **figures["held"]}
    assert len(figures["curve"]) == 10
    held = [row["spam_held"] for row in figures["thresholds"]]
    assert held == sorted(held, reverse=True)


def test_a_trial_may_be_made_in_other_orders(run):
    def curve(*words):
        said = json.loads(run("spam", "try", str(COMMENTS), "--json", *words).output)
        return said["curve"]

    assert curve("--shuffle", "1") == curve("--shuffle", "1") != curve()
    assert curve("--shuffle", "1")[-1]["good"] == curve()[-1]["good"]


@pytest.mark.parametrize(
    "table",
    [
        "text,is_spam\nGet rich,1\nThanks,0\n",
        "\ufeffCOMMENT_ID,AUTHOR,DATE,CONTENT,CLASS\n1,Ada,2026-01-02,Thanks,0\n2,X,2026-01-01,Rich,1\n",
        "label,message\nham,Thanks\nspam,Get rich\n",
    ],
)
def test_a_trial_understands_the_usual_headings(run, tmp_path, table):
    file = tmp_path / "comments.csv"
    file.write_text(table, encoding="utf-8")
    assert "2 comments: 1 good, 1 spam." in run("spam", "try", str(file)).output


def test_a_trial_goes_by_the_dates_unless_one_is_missing(run, tmp_path):
    file = tmp_path / "comments.csv"
    rows = [f"2026-01-{day:02},Thanks {day},0" for day in range(20, 10, -1)]
    rows += ["2026-01-01,Cheap pills,1", "2026-01-02,Cheap pills,1"]
    file.write_text("\n".join(["date,text,is_spam", *rows]), encoding="utf-8")

    def first():
        return json.loads(run("spam", "try", str(file), "--json").output)["curve"][1]

    assert (first()["good"], first()["spam"]) == (0, 2)
    file.write_text("\n".join(["date,text,is_spam", *rows, ",Bye,0"]), encoding="utf-8")
    assert (first()["good"], first()["spam"]) == (2, 0)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "names no column text"),
        ("date,text\n", "names no column is_spam"),
        ("text,is_spam\nHello,maybe\n", "Line 2: is_spam is 'maybe'"),
        ("text,is_spam\nHello\n", "Line 2: is_spam is ''"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_a_sentence(run, tmp_path, table, reason):
    file = tmp_path / "comments.csv"
    file.write_text(table, encoding="utf-8")
    said = run("spam", "try", str(file))
    assert said.exit_code == 1
    assert reason in said.output


def test_what_was_learned_is_exported_and_imported(run, learned, tmp_path):
    file = tmp_path / "filter.json"
    assert run("spam", "export", str(file), "--site", learned.key).exit_code == 0
    assert json.loads(file.read_text())["learned_from"] == {"spam": 1, "good": 1}
    refused = run("spam", "import", str(file), "--site", learned.key)
    assert refused.exit_code == 1
    assert "learned already" in refused.output
    assert run("spam", "import", str(file), "--site", learned.key, "--add").exit_code == 0
    doubled = run("spam", "export", "-", "--site", learned.key).output
    assert json.loads(doubled)["learned_from"] == {"spam": 2, "good": 2}
    assert run("spam", "forget", "--site", learned.key).exit_code == 0
    nothing = run("spam", "export", "-", "--site", learned.key).output
    assert json.loads(nothing)["features"] == {}
    again = run("spam", "import", "-", "--site", learned.key, input=file.read_text())
    assert again.exit_code == 0
    assert run("spam", "export", "-", "--site", learned.key).output == file.read_text()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("x", "no JSON"),
        ("[]", "no state of a spam filter"),
        ('{"afterword_spam": 99}', "another version (99)"),
        ('{"afterword_spam": 1}', "holds no features"),
        ('{"afterword_spam": 1, "features": {"a": [1, 1]}}', "'a' has no two counts"),
        ('{"afterword_spam": 1, "features": {"1": [1]}}', "'1' has no two counts"),
        ('{"afterword_spam": 1, "features": {"1": [1, -1]}}', "'1' is out of range"),
        ('{"afterword_spam": 1, "features": {"1": [1, NaN]}}', "'1' is out of range"),
        ('{"afterword_spam": 1, "features": {"99999999999999999999": [1, 1]}}', "out of range"),
    ],
)
def test_a_state_that_cannot_be_read_changes_nothing(run, learned, written, reason):
    before = run("spam", "export", "-", "--site", learned.key).output
    said = run("spam", "import", "-", "--site", learned.key, "--add", input=written)
    assert said.exit_code == 1
    assert reason in said.output
    assert run("spam", "export", "-", "--site", learned.key).output == before
