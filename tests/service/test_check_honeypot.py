"""The field that people never see."""

from afterword.spam.checks.honeypot import honeypot
from afterword.spam.verdict import Level
from tests.service.drafts import judged


def test_a_filled_hidden_field_holds_the_comment():
    verdict = honeypot(*judged(trap="https://spam.example"))
    assert verdict.level is Level.HOLD
    assert verdict.reason


def test_an_untouched_hidden_field_passes():
    assert honeypot(*judged()).level is Level.PASS
