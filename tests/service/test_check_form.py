"""The pace at which a form was filled in."""

import pytest

from afterword.core import clock
from afterword.posting import forms
from afterword.spam.checks.form import MIN_SECONDS, MOST_NETWORKS, MOST_USES, form
from afterword.spam.verdict import Level
from tests.service.drafts import earlier, judged


def test_what_did_not_come_from_a_form_waits():
    verdict = form(*judged(form_age=None))
    assert verdict.level is Level.HOLD
    assert verdict.reason


@pytest.mark.parametrize("age", [0.0, MIN_SECONDS - 0.01, -5.0])
def test_a_form_filled_in_faster_than_anyone_types_is_challenged(age):
    verdict = form(*judged(form_age=age))
    assert verdict.level is Level.CHALLENGE
    assert verdict.reason


@pytest.mark.parametrize("age", [MIN_SECONDS, 3600.0, 23 * 3600.0])
def test_a_form_filled_in_at_a_persons_pace_passes(age):
    assert form(*judged(form_age=age)).level is Level.PASS


def test_a_form_that_is_older_than_a_day_holds_the_comment():
    assert form(*judged(form_age=25 * 3600.0)).level is Level.HOLD


@pytest.mark.usefixtures("context")
def test_a_form_token_tells_its_age_only_on_its_own_page(monkeypatch):
    token = forms.token(1, "blog.example/a")
    later = clock.now() + clock.dt.timedelta(seconds=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert forms.read(token, site_id=1, page_key="blog.example/a").age == pytest.approx(90, abs=0.5)
    assert forms.read(token, site_id=1, page_key="blog.example/b").age is None
    assert forms.read(token, site_id=2, page_key="blog.example/a").age is None
    said, _, signature = token.rpartition(".")
    other = f"{said}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for forged in (other, token + "x", "", "x" * 5000, "a.b.c", None):
        assert forms.read(forged, site_id=1, page_key="blog.example/a") == forms.Opened()


@pytest.mark.usefixtures("context")
def test_a_form_is_one_form_however_its_token_is_spelled():
    token, other = forms.token(1, "blog.example/a"), forms.token(1, "blog.example/b")
    for spelled in (f"{token}====", f"{token}!!!!", f"{token[:-3]}*~{token[-3:]}"):
        opened = forms.read(spelled, site_id=1, page_key="blog.example/a")
        assert opened.age is not None, "or this test would prove nothing"
        assert forms.digest(spelled) == forms.digest(token)
    assert forms.digest(other) != forms.digest(token)
    assert forms.digest(None) is None


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("here", "is_elsewhere"),
    [("8.8.8.77", False), ("8.8.9.8", True), ("2001:4860::1", True), ("10.0.0.1", False)],
)
def test_a_form_token_tells_whether_it_was_opened_in_this_network(here, is_elsewhere):
    token = forms.token(1, "blog.example/a", address="8.8.8.8")
    opened = forms.read(token, site_id=1, page_key="blog.example/a", address=here)
    assert opened.is_elsewhere is is_elsewhere


def test_a_form_that_was_opened_in_another_network_is_challenged():
    verdict = form(*judged(form_is_elsewhere=True))
    assert verdict.level is Level.CHALLENGE
    assert "another network" in verdict.reason


def uses(count, **changed):
    return tuple(earlier(minutes=n, **{"form": "token", **changed}) for n in range(count))


def test_one_open_form_may_send_several_comments_but_not_many():
    few, many = uses(MOST_USES - 1), uses(MOST_USES)
    assert form(*judged(form_digest="token", recent=few)).level is Level.PASS
    verdict = form(*judged(form_digest="token", recent=many))
    assert (verdict.level, verdict.suspicion > 0) == (Level.HOLD, True)
    assert form(*judged(form_digest="another", recent=many)).level is Level.PASS


def test_uses_of_more_than_an_hour_ago_are_forgotten():
    old = tuple(earlier(minutes=61, form="token") for _ in range(50))
    assert form(*judged(form_digest="token", recent=old)).level is Level.PASS


def test_a_form_that_is_passed_around_between_networks_waits():
    some = tuple(uses(1, network=str(n))[0] for n in range(MOST_NETWORKS))
    assert form(*judged(form_digest="token", recent=some, networks=("0",))).level is Level.PASS
    verdict = form(*judged(form_digest="token", recent=some, networks=("9",)))
    assert verdict.level is Level.HOLD
    assert "4 networks" in verdict.reason


def test_a_text_longer_than_anyone_types_in_that_time_is_only_suspicious():
    verdict = form(*judged(form_age=10.0, text="a b " * 100))
    assert (verdict.level, verdict.suspicion > 0) == (Level.PASS, True)
    assert form(*judged(form_age=60.0, text="a b " * 100)).suspicion == 0
