"""What is held because of what the site's moderators decided before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from afterword.spam.bayes import Knowledge, Opinion, judge
from afterword.spam.checks.learned import HOLD_FROM, learned
from afterword.spam.tokens import features
from afterword.spam.verdict import Level
from tests.service.drafts import judged


@pytest.mark.parametrize(
    ("probability", "level"),
    [(0.0, Level.PASS), (HOLD_FROM - 0.01, Level.PASS), (HOLD_FROM, Level.HOLD), (1.0, Level.HOLD)],
)
def test_only_what_most_likely_is_spam_is_held_and_nothing_is_refused(probability, level):
    assert learned(*judged(opinion=Opinion(probability))).level is level


def test_the_reason_says_the_probability_and_what_tells():
    opinion = Opinion(0.9812, ("'free'", "'click here'", "link to spam.example"))
    verdict = learned(*judged(opinion=opinion))
    assert verdict.reason == (
        "It reads like spam (0.98): 'free', 'click here', link to spam.example."
    )


def test_nothing_is_certain():
    assert "(0.99)" in learned(*judged(opinion=Opinion(1.0))).reason


def test_doubt_is_told_as_suspicion_before_it_holds():
    suspicions = [learned(*judged(opinion=Opinion(p))).suspicion for p in (0.3, 0.6, 0.7, 0.95)]
    assert suspicions[0] == 0
    assert suspicions == sorted(suspicions)
    assert suspicions[-1] < 1


def test_without_an_opinion_nothing_is_said():
    assert learned(*judged(opinion=None)).level is Level.PASS


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "A `word`\n\n> quoted\n\n[link](https://example.org)",
        "See https://docs.python.org/3/ for more.",
        "[url](https://example.org/a) is what you want.",
    ],
)
def test_before_it_has_learned_anything_no_harmless_comment_waits(text):
    draft, context = judged(text=text)
    opinion = judge(features(draft.text, name=draft.name, form_age=60.0), Knowledge())
    assert learned(draft, replace(context, opinion=opinion)).level is Level.PASS
