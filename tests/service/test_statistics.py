"""The figures of the overview, as its owner would count them by hand."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.moderation import actions, audit, statistics
from afterword.moderation.models import Act
from afterword.sites import changes
from afterword.spam.checks import learned
from afterword.threads.models import State
from tests import make

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=clock.UTC)
BY = "hanna@blog.example"
HELD = [f"{learned.SAID} (0.93): casino."]


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def page(context, site):
    return make.page(site)


def ago(page, hours, **changed):
    """A comment of so many hours ago."""
    minute = (NOW - dt.timedelta(hours=hours) - make.START) / dt.timedelta(minutes=1)
    return make.comment(page, minute=minute, **changed)


def shift(hours):
    """Put the last act back by so many hours."""
    with transaction():
        db.session.query(Act).order_by(Act.id.desc()).first().at = NOW - dt.timedelta(hours=hours)


def test_each_day_counts_what_was_sent_on_it_by_what_it_is_now(page):
    for hours, state in ((1, "visible"), (11, "spam"), (12.5, "pending"), (13, "removed")):
        ago(page, hours, state=State(state))
    ago(page, 24 * 6 + 12, state=State.VISIBLE)  # at the very beginning of the first day
    ago(page, 24 * 6 + 12.1, state=State.VISIBLE)  # the day before
    spans = statistics.spans(7)
    assert [span.first for span in spans] == [dt.date(2026, 11, 17 + n) for n in range(7)]
    assert [span.total for span in spans] == [1, 0, 0, 0, 0, 1, 2]
    assert spans[-1].counts == {State.VISIBLE: 1, State.PENDING: 0, State.SPAM: 1}
    assert spans[-2].counts[State.PENDING] == 1


@pytest.mark.parametrize("days", [30, 90])
def test_there_is_a_bar_for_each_day_of_a_period(context, site, days):
    spans = statistics.spans(days)
    assert len(spans) == days
    assert spans[-1].last == NOW.date()


def test_a_year_is_counted_by_weeks_that_end_today(page):
    ago(page, 24 * 6)
    ago(page, 24 * 7)
    spans = statistics.spans(365)
    assert len(spans) == 53
    assert [span.total for span in spans[-2:]] == [1, 1]
    assert spans[-1].last == NOW.date()
    assert all((span.last - span.first).days == 6 for span in spans)
    assert (NOW.date() - spans[0].first).days >= 364


def test_one_sites_figures_leave_the_others_out(page, site):
    other = changes.add("https://other.example")
    elsewhere = make.page(other, "https://other.example/a")
    ago(page, 1, state=State.PENDING)
    for _ in range(2):
        actions.approve([ago(elsewhere, 1, state=State.PENDING).id], by=BY)
    here, there = frozenset({site.id}), frozenset({other.id})
    for sites, total in ((here, 1), (there, 2), (here | there, 3), (None, 3), (frozenset(), 0)):
        assert sum(span.total for span in statistics.spans(7, sites=sites)) == total
    assert [one.page.id for one in statistics.busiest(7, sites=here)] == []
    assert [one.count for one in statistics.busiest(7, sites=there)] == [2]
    assert len(statistics.decisions(7, sites=here).waits) == 0
    assert len(statistics.decisions(7, sites=there).waits) == 2


def test_the_busiest_pages_come_first_and_only_what_is_visible_counts(page, site):
    busy = make.page(site, "https://blog.example/busy")
    for hours in (1, 2, 3):
        ago(busy, hours)
        ago(page, hours, state=State.SPAM)
    ago(page, 4)
    ago(page, 24 * 30)
    found = statistics.busiest(7)
    assert [(one.page.id, one.count) for one in found] == [(busy.id, 3), (page.id, 1)]


def test_the_busiest_pages_are_looked_for_among_the_newest(page, site, monkeypatch):
    monkeypatch.setattr(statistics, "NEWEST", 2)
    ago(page, 5)
    quiet = make.page(site, "https://blog.example/quiet")
    ago(quiet, 1), ago(quiet, 2)
    assert [one.page.id for one in statistics.busiest(7)] == [quiet.id]


def test_the_time_to_decision_is_what_half_and_nine_tenths_waited(page):
    for hours in range(1, 11):
        actions.approve([ago(page, hours, state=State.PENDING).id], by=BY)
    found = statistics.decisions(7)
    assert found.wait(0.5) == dt.timedelta(hours=5)
    assert found.wait(0.9) == dt.timedelta(hours=9)
    assert found.wait(1) == dt.timedelta(hours=10)
    assert statistics.Decisions([], 0, 0, 0).wait(0.5) is None


def test_what_was_held_later_waits_from_then(page):
    comment = ago(page, 100, state=State.PENDING)
    with transaction():
        audit.write(comment, "hold", by=audit.READERS, before=State.VISIBLE)
    shift(3)
    actions.spam([comment.id], by=BY)
    assert list(statistics.decisions(7).waits) == [dt.timedelta(hours=3)]


def test_what_was_taken_back_or_done_by_others_is_no_decision(page):
    undone, own = (ago(page, 2, state=State.PENDING, reasons=HELD) for _ in range(2))
    moved = actions.spam([undone.id], by=BY)
    actions.undo(audit.last_moves(moved), by=BY)
    with transaction():
        audit.write(own, "remove", by=audit.AUTHOR, before=State.PENDING)
    found = statistics.decisions(7)
    assert list(found.waits) == []
    assert found.precision is None


def test_the_filter_is_measured_by_what_became_of_what_it_held(page):
    for act in (actions.spam, actions.spam, actions.remove, actions.approve):
        act([ago(page, 1, state=State.PENDING, reasons=HELD).id], by=BY)
    actions.spam([ago(page, 1).id], by=BY)  # was visible
    actions.spam([ago(page, 1, state=State.PENDING, reasons=["It has links."]).id], by=BY)
    actions.remove([ago(page, 1).id], by=BY)  # unwanted need not be spam
    found = statistics.decisions(7)
    assert (found.held_rightly, found.held_wrongly, found.missed) == (3, 1, 2)
    assert found.precision == 0.75


def test_the_last_of_several_decisions_counts(page):
    comment = ago(page, 1, state=State.PENDING, reasons=HELD)
    actions.approve([comment.id], by=BY)
    actions.spam([comment.id], by=BY)
    found = statistics.decisions(7)
    assert (found.held_rightly, found.held_wrongly) == (1, 0)
    assert len(found.waits) == 1


def test_decisions_before_the_period_do_not_count(page):
    actions.approve([ago(page, 24 * 9, state=State.PENDING).id], by=BY)
    shift(24 * 8)
    assert list(statistics.decisions(7).waits) == []
    assert len(statistics.decisions(30).waits) == 1
