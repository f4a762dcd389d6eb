"""Letters that deceive."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

import pytest

from afterword.markup import letters


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раураl"),  # Cyrillic
        ("Ada Lovelace", "ADA  LOVELACE"),
        ("Ada Lovelace", "Αdα Lονelαce"),  # Greek
        ("Ada", "𝓐𝓭𝓪"),
        ("Ada", "Ａｄａ"),
        ("Ada", "Ⓐⓓⓐ"),
        ("Ada", "A.d.a"),
        ("Ada", "Ａ\u0301d\u0308a"),
        ("admin", "adrnin"),
        ("will", "wi1I"),
        ("Otto", "0tt0"),
        ("ada", "ᴀᴅᴀ"),
        ("Борис", "борис"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one, other):
    assert letters.skeleton(one) == letters.skeleton(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Ada", "Eda"), ("Ada", "Ada B"), ("Борис", "Дарья"), ("山田", "山本")]
)
def test_names_that_differ_have_different_skeletons(one, other):
    assert letters.skeleton(one) != letters.skeleton(other)


@pytest.mark.parametrize("word", ["раypal", "gооgle", "Αda"])
def test_a_word_of_two_alphabets_is_mixed(word):
    assert letters.mixes_scripts(word)


@pytest.mark.parametrize(
    "word", ["paypal", "Привет", "Tシャツ", "삼성TV", "ひらカタ漢字", "naïve", "42", "Ελλάδα", "حب"]
)
def test_words_as_people_write_them_are_not_mixed(word):
    assert not letters.mixes_scripts(word)


def test_each_lookalike_stands_for_one_letter():
    alike = [char for chars in letters._LOOKALIKES.values() for char in chars]
    assert sorted(alike) == sorted(set(alike))
