"""Signs that nobody sees: what is marked for a moderator, and what is how people write."""
# ruff: noqa: RUF001 - letters of other alphabets are what this is about

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.markup import plain, render, signs
from tests import effort

MARK = re.compile(r'<abbr class="sign" dir="ltr" title="([^"]*)">([^<]*)</abbr>')


def marks(text):
    return [found[1] for found in MARK.findall(signs.reveal(text))]


def test_a_sign_stands_where_it_hides_with_its_number_and_its_name():
    assert signs.reveal("<p>vi\u200bagra</p>") == (
        '<p>vi<abbr class="sign" dir="ltr" title="Zero width space">U+200B</abbr>agra</p>'
    )


@pytest.mark.parametrize(
    "char",
    [
        *("\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", "\u200c"),
        *("\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2063", "\u2066", "\u206f"),
        *("\u2800", "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\U0001d173", "\U000e0041"),
        *("\U000e0101", "\u1680", "\u2003", "\u2009", "\u205f"),
    ],
)
def test_whatever_hides_in_a_word_is_marked(char):
    assert marks(f"<p>ca{char}sino</p>") == [f"U+{ord(char):04X}"]


# Persian, Hindi, Sinhala, Thai and Hebrew as people type them; Mongolian; a form of an ideograph.
WORDS = [
    "می\u200cخواهم",
    "کار\u200cها",
    "क\u094d\u200dष",
    "ශ\u0dca\u200dරී",
    "สวัสดี\u200bครับ",
    "שלום\u200e (hello)\u200f!",
    "\u1820\u180b\u1828",
    "葛\U000e0100城",
]
# A family, a burning heart, a nod, a dark-skinned pilot, a keycap, Scotland, an "i" as a picture.
EMOJI = [
    "👩\u200d👩\u200d👧",
    "❤\ufe0f\u200d🔥",
    "🙂\u200d↕\ufe0f",
    "👩🏿\u200d✈\ufe0f",
    "1\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\u2139\ufe0f",
    "☎\ufe0e",
]
# French before a question mark, a thousand, Japanese, a dash of a typographer.
SPACES = ["Ça va\u202f?", "10\u2009000", "東京\u3000大阪", "so\u200a\u2014\u200athere", "a\u00a0b"]


@pytest.mark.parametrize("text", [*WORDS, *EMOJI, *SPACES])
def test_what_a_language_or_an_emoji_needs_is_left_alone(text):
    assert signs.reveal(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("é\u200dé", ["U+200D"]),
        ("hello\u200f", ["U+200F"]),
        ("❤\ufe0f\ufe0f", ["U+FE0F"]),
        ("😀" + "\U000e0148\U000e0149", ["2 unseen signs"]),
        ("🏴\U000e0067", ["U+E0067"]),
        ("ไทย\u200ba", ["U+200B"]),
    ],
)
def test_the_same_signs_are_marked_where_nothing_needs_them(text, shown):
    assert marks(text) == shown


def test_a_run_is_one_mark_that_counts_and_names():
    assert marks("a" + "\u200b" * 1200 + "b") == ["1,200 times U+200B"]
    assert MARK.findall(signs.reveal("\u200b\u200c\u200b")) == [
        ("Zero width space, Zero width non-joiner", "3 unseen signs")
    ]


def test_a_text_full_of_them_has_a_bounded_number_of_marks_and_says_how_many_more():
    shown = signs.reveal("<p>" + "a\u200b" * 4000 + "</p>")
    assert len(MARK.findall(shown)) == signs.MOST
    assert shown.endswith("and in 3,900 more places</small>")
    full = "<p>" + "\u200b\u200c" * 32_000 + "</p>"
    assert effort.seconds(lambda: signs.reveal(full)) < 1


def test_tags_and_what_is_in_them_stay():
    html = '<p><a href="https://a.example/\u200b" rel="nofollow">a</a></p>'
    assert signs.reveal(html) == html


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_nothing_but_unseen_signs_is_taken_away(text):
    html = render.sanitise(text)
    shown = MARK.sub("", signs.reveal(html))
    left = iter(html)
    assert all(char in left for char in re.sub(r' <small class="sign">.*', "", shown))
    gone = set(html) - set(shown)
    assert all(unicodedata.category(char) in {"Cf", "Cn", "Lo", "Mn", "So", "Zs"} for char in gone)
    assert all(not char.isascii() for char in gone)


@pytest.mark.parametrize("text", [*WORDS, *EMOJI])
def test_what_is_left_alone_is_what_is_stored(text):
    assert plain.clean(text) == text
