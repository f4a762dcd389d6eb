"""The pace at which a form was filled in."""

import pytest

from afterword.core import clock
from afterword.posting import forms
from afterword.spam.checks.form import MIN_SECONDS, form
from afterword.spam.verdict import Level
from tests.service.drafts import judged


@pytest.mark.parametrize("age", [None, 0.0, MIN_SECONDS - 0.01, -5.0])
def test_no_form_or_a_form_filled_in_too_fast_holds_the_comment(age):
    verdict = form(*judged(form_age=age))
    assert verdict.level is Level.HOLD
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
    assert forms.age(token, site_id=1, page_key="blog.example/a") == pytest.approx(90, abs=0.5)
    assert forms.age(token, site_id=1, page_key="blog.example/b") is None
    assert forms.age(token, site_id=2, page_key="blog.example/a") is None
    for forged in (token[:-1] + "A", token + "x", "", "x" * 5000, "a.b.c", None):
        assert forms.age(forged, site_id=1, page_key="blog.example/a") is None
