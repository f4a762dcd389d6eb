"""The owner's words."""

import pytest

from afterword.sites import options
from afterword.spam.checks.words import words
from afterword.spam.verdict import PASS, Level
from tests import effort
from tests.conftest import PAGE
from tests.service.drafts import judged


def held(pattern, **said):
    return words(*judged(hold_words=pattern, **said)).level is Level.HOLD


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("casino", "The best Casino!"),
        ("casino", "casino-bonus, now"),
        ("casino", "ｃａｓｉｎｏ"),  # noqa: RUF001
        ("casino", "cas\u200bi\u00adno"),
        ("casino", "*cas*ino casino"),
        ("casino*", "online casinos"),
        ("*casino", "megacasino"),
        ("*asin*", "casinos"),
        ("c*no", "a casino."),
        ("buy pills", "Buy   \n pills today"),
        ("*.example", "see https://evil.example/x"),
        ("straße", "STRASSE"),
        ("赌博", "网上赌博平台"),
        ("도박", "온라인도박은"),
        ("C++", "I like c++!"),
        ("hidden.example", "[a nice page](https://hidden.example)"),
    ],
)
def test_a_word_is_found_however_it_is_written(pattern, text):
    assert held(pattern, text=text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("ass", "a class act"),
        ("casino", "casinos"),
        ("casino*", "megacasino"),
        ("c*no", "c is no"),
        ("buy pills", "buy the pills"),
        ("ca*no", "ca" + "x" * 61 + "no"),
        ("", "anything"),
    ],
)
def test_other_words_are_left_in_peace(pattern, text):
    assert not held(pattern, text=text)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("best seo", {"name": "Best SEO"}),
        ("*@spam.example", {"email": "bob@spam.example"}),
        ("*spam.example*", {"website": "https://www.spam.example/a"}),
    ],
)
def test_names_addresses_and_websites_are_looked_at_too(pattern, said):
    assert held(pattern, **said)


def test_the_stricter_list_wins_and_the_reason_names_the_line():
    verdict = words(*judged(text="casino pills", hold_words="casino", reject_words="x*\npill*"))
    assert (verdict.level, "pill*" in verdict.reason) == (Level.REJECT, True)
    assert "casino" in words(*judged(text="casino", hold_words="casino")).reason
    assert words(*judged(text="casino")) is PASS


def test_long_lists_and_hostile_texts_take_no_time():
    thousand = "\n".join(f"{n:03}a*b" for n in range(1000))
    text = "b " + " ".join(f"{n:03}a" + "a" * 50 for n in range(145))
    assert seconds(thousand, text) < 0.25
    assert seconds("a*b", "b " + " ".join(["a" * 480] * 16)) < 0.25


def seconds(lines, text):
    draft, context = judged(text=text, html="", hold_words=lines)
    words(draft, context)
    assert words(draft, context) is PASS
    return effort.seconds(lambda: words(draft, context))


def test_a_list_is_kept_one_word_a_line():
    kept = options.change({}, {"hold_words": " casino , buy  pills\r\n\n*.example\ncasino"})
    assert kept == {"hold_words": "casino\nbuy pills\n*.example"}


# What looks like a star, and what nobody sees.
DRESSED_UP = ["\uff0a\uff0a", "\u200b\u200b", "a\u200b", "\uff0aa", "a\uff0ab*c", "\uff0a \uff0a"]


@pytest.mark.parametrize("line", ["*", "a*", "a*b*c", "x\n" * 1001, "ab" * 10_001, *DRESSED_UP])
def test_lines_that_would_hit_everything_or_take_long_are_refused(line):
    with pytest.raises(options.WrongOption):
        options.change({}, {"hold_words": line})


@pytest.mark.parametrize("line", ["\uff0a\uff0a", "\u200b\u200b", "\uff0a \uff0a"])
def test_a_line_of_which_nothing_is_left_hits_nothing_though_it_was_kept_once(line):
    assert words(*judged(text="Any words.", reject_words=line)) is PASS
    assert held(f"{line}\ncasino", text="A casino.")


def test_a_refused_comment_is_not_stored_and_its_author_is_not_taught(app, post, site, thread):
    from afterword.sites import changes

    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino", "hold_words": "pills"})
    answer = post("The casino.")
    assert (answer.status_code, answer.json["code"]) == (403, "rejected")
    assert "casino" not in answer.json["detail"]
    answer = post("The pills.")
    assert (answer.status_code, answer.json["comment"]["state"]) == (202, "pending")
    assert thread(PAGE)["page"]["count"] == 0
