"""Letters that are not what they seem."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

import pytest

from afterword.posting import draft as drafts
from afterword.spam.checks.scripts import scripts
from afterword.spam.verdict import Level
from tests.conftest import PAGE
from tests.service.drafts import judged


def said(text="Hello.", name="Ada"):
    """The verdict over a post as it is sent."""
    draft = drafts.read({"url": PAGE, "text": text, "author": {"name": name}})
    return scripts(draft, judged()[1])


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("раypal and gооgle", "gооgle"),
        ("see \u202egpj.exe", "another order"),
        ("H\u0301" + "\u0302" * 9 + "e comes", "piles up"),
        ("v\u200bi\u200ba\u200bgra", "invisible"),
    ],
)
def test_a_text_that_hides_what_it_says_waits(text, about):
    verdict = said(text)
    assert verdict.level is Level.HOLD
    assert about in verdict.reason
    assert verdict.suspicion > 0


@pytest.mark.parametrize("name", ["Αda Smith", "раypal", "Evil\u202egpj"])
def test_a_name_that_hides_what_it_says_waits(name):
    assert said(name=name).level is Level.HOLD


@pytest.mark.parametrize(
    "text",
    [
        "Plain.",
        "Grüße aus Łódź, señor! Việt Nam: đường phố",
        "Здравствуйте, это мой iPhone и IT-отдел, QR-код, SMSка",
        "Δtotal = μ·x, 5 µm, αβγ",
        "日本語とLatinのTシャツ 한국어TV",
        "שלום עולם, hello \u200f!",
        "العربية with English inside, می\u200cخواهم",
        "हिन्दी और ภาษาไทย",
        "👩\u200d👩\u200d👧 family",
        "one раypal slip",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "co\u00adop\u00ader\u00ada\u00adtion co\u00adpied",
    ],
)
def test_writing_as_people_write_passes(text):
    verdict = said(text)
    assert verdict.level is Level.PASS


@pytest.mark.parametrize("text", ["one раypal slip", "\u2066מילה\u2069 word", "inv\u200bisible"])
def test_a_little_oddity_is_only_suspicious(text):
    assert said(text).suspicion > 0


def test_what_was_cleaned_away_is_stored_nowhere_and_held_all_the_same(post, thread):
    answer = post("see \u202egpj.exe")
    assert answer.status_code == 202
    assert answer.json["comment"]["text"] == "see gpj.exe"
