"""The overview: what it shows, in which words, and that its chart and its table agree."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import delete

from afterword.app import create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.jobs import kinds
from afterword.jobs import queue as jobs
from afterword.jobs.models import Job
from afterword.moderation import actions
from afterword.moderation.statistics import Span
from afterword.operate import backup, health, migrate
from afterword.sites import changes
from afterword.spam.checks import learned
from afterword.threads.models import State
from afterword.web.admin import chart
from afterword.web.admin.shown import duration, in_bytes
from tests import make
from tests.web.test_admin_queue import EMAIL, desk, page  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow


@pytest.fixture
def written(page):  # noqa: F811
    """Today's comments: two visible, one held, one spam that the filter had held."""
    made = [
        make.comment(page, state=state, reasons=[f"{learned.SAID} (0.93)."])
        for state in (State.VISIBLE, State.VISIBLE, State.PENDING, State.PENDING)
    ]
    with transaction():
        for comment in made:
            comment.created = clock.now()
    actions.spam([made[-1].id], by=EMAIL)
    return made


def span(*counts):
    day = dt.date(2026, 11, 23)
    return Span(
        day, day, dict(zip((State.VISIBLE, State.PENDING, State.SPAM), counts, strict=True))
    )


def test_an_empty_desk_has_an_overview(desk, context):  # noqa: F811
    shown = desk.get("/admin/overview")
    assert "Nothing that waited was decided in these days." in shown
    assert "No comment became visible in these days." in shown
    assert "It held nothing that you decided over" in shown


def test_the_chart_and_its_table_say_the_same(desk, written):  # noqa: F811
    shown = desk.get("/admin/overview")
    assert re.findall(r"<strong>([\d,]+)</strong>", shown) == ["2", "1", "1"]
    assert re.findall(r'<td class="figure">(\d+)</td>', shown)[:3] == ["2", "1", "1"]
    assert shown.count('<th scope="row">') == 30
    drawn = re.findall(
        r'<rect class="(\w+)" x="[\d.]+" y="([\d.]+)" width="7" height="([\d.]+)"', shown
    )
    assert drawn == [
        ("visible", "50.0", "50.0"),
        ("pending", "25.0", "25.0"),
        ("spam", "0.0", "25.0"),
    ]
    assert "In all: Visible 2, Held 1, Spam 1." in shown
    assert "style=" not in shown


def test_the_overview_tells_busy_pages_waits_and_the_filters_precision(desk, written):  # noqa: F811
    shown = desk.get("/admin/overview")
    assert (
        'href="https://blog.example/first-post" rel="noreferrer" dir="auto">First post</a>' in shown
    )
    assert "<dt>Half within</dt><dd>under a minute</dd>" in shown
    assert "<dt>Held rightly</dt><dd>100%</dd>" in shown


@pytest.mark.parametrize(("days", "bars"), [("7", 7), ("30", 30), ("90", 90), ("365", 53)])
def test_the_period_is_in_the_address(desk, written, days, bars):  # noqa: F811
    shown = desk.get(f"/admin/overview?days={days}")
    assert shown.count('<rect class="column"') == bars
    assert f'aria-current="true">{days} days</a>' in shown


def test_the_overview_of_one_site_is_a_link_away(desk, written):  # noqa: F811
    changes.add("https://other.example")
    assert 'href="/admin/overview?days=7&amp;site=2"' in desk.get("/admin/overview?days=7")
    shown = desk.get("/admin/overview?days=7&site=2")
    assert re.findall(r"<strong>(\d+)</strong>", shown) == ["0", "0", "0"]
    assert 'href="/admin/overview?site=2"' in shown


@pytest.mark.parametrize("query", ["days=8", "days=x", "days=-7", "site=9", "site=x", "site=%00"])
def test_an_overview_that_there_is_none_of_is_not_found(client, desk, context, query):  # noqa: F811
    assert client.get(f"/admin/overview?{query}").status_code == 404


@pytest.mark.sqlite("its copies are told of; a test beside this has the size of a PostgreSQL")
def test_the_service_says_its_size_and_when_it_was_copied_last(desk, settings, tmp_path, context):  # noqa: F811
    shown = desk.get("/admin/overview")
    assert re.search(r"SQLite, \d+ kB", shown)
    assert "None by <code>afterword backup</code> yet" in shown
    assert "Make one" in shown
    backup.backup(settings, tmp_path / "copy.db")
    shown = desk.get("/admin/overview")
    assert f'<time datetime="{clock.text(backup.last(settings))}">' in shown
    assert "Make one" not in shown
    (settings.data / backup.LAST).write_text("2026-01-01T00:00:00Z")
    assert "Make one" in desk.get("/admin/overview")


def test_little_room_on_the_disk_is_told(desk, context, monkeypatch):  # noqa: F811
    monkeypatch.setattr(health, "LITTLE_DISK", 2**60)
    assert "Little is left" in desk.get("/admin/overview")


def test_the_size_of_a_database_in_postgresql_is_told(tmp_path, postgresql):
    told = {"AFTERWORD_DATABASE_URL": postgresql, "AFTERWORD_DATA": str(tmp_path)}
    settings = config.read(told)
    migrate.upgrade(settings)
    with create_app(settings).app_context():
        found = health.look(settings, size=health.size(settings))
        db.session.remove()
        db.engine.dispose()
    assert found.size > 1_000_000
    assert not found.is_copy_old, "nothing is known of copies by pg_dump"


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 6), (7, 10), (11, 20), (59, 60), (61, 100), (999, 1000)],
)
def test_the_scale_ends_at_an_even_number_of_few_digits(most, top):
    assert chart.draw([span(most, 0, 0)]).top == top


def test_the_parts_of_a_bar_stand_upon_one_another():
    (bar,) = chart.draw([span(2, 0, 8)]).bars
    assert [(one.state, one.y, one.height) for one in bar.pieces] == [
        (State.VISIBLE, 80, 20),
        (State.SPAM, 0, 80),
    ]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        *((0.5, "under a minute"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour")),
        *((90, "1.5 hours"), (60 * 11.6, "12 hours"), (60 * 24, "1 day"), (60 * 24 * 3, "3 days")),
    ],
)
def test_a_wait_is_said_in_words(minutes, words):
    assert duration(dt.timedelta(minutes=minutes)) == words


def test_sizes_are_said_in_words():
    said = [in_bytes(size) for size in (999, 1000, 2_500_000, 1_234_000_000)]
    assert said == ["999 bytes", "1 kB", "2 MB", "1.2 GB"]


@pytest.fixture
def dead(context):
    """Two jobs that were given up, and one that waits."""
    with transaction():
        for _ in range(3):
            jobs.add("notice", {"notice_id": "none"})
    for fault in ("The mail server refuses the address: 550 no <such> user", "It failed."):
        jobs.put_back(jobs.claim(), fault, is_hopeless=True)
    with transaction() as session:
        session.execute(delete(Job).where(Job.kind == kinds.DIED))


def test_jobs_that_were_given_up_are_shown_with_why(desk, dead):  # noqa: F811
    shown = desk.get("/admin/overview")
    assert "1 to do" in shown
    assert "2 given up" in shown
    assert "Mail to a moderator" in shown
    assert "550 no &lt;such&gt; user" in shown


def test_a_job_that_was_given_up_starts_anew(desk, dead):  # noqa: F811
    assert desk("/admin/overview/jobs", job=str(jobs.dead()[0].id)).status_code == 303
    assert jobs.totals() == (2, 1)
    assert "They start anew." in desk.get("/admin/overview?again=1")
    desk("/admin/overview/jobs")
    assert jobs.totals() == (3, 0)


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "9" * 30])
def test_a_job_that_is_not_there_cannot_start_anew(desk, dead, number):  # noqa: F811
    assert desk("/admin/overview/jobs", job=number).status_code == 404
    assert jobs.totals() == (1, 2)


def test_every_kind_of_job_has_a_name_at_the_desk():
    assert set(kinds.NAMES) == set(kinds.KINDS)
