"""What is typed into the search field, and how it is read."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afterword.core import clock
from afterword.moderation import search
from afterword.moderation.index import kind
from afterword.moderation.search import Field, Query, Term

# What people type, and what they do not: fields, quotes and signs at any place.
TYPED = st.lists(
    st.sampled_from([*(f"{field}:" for field in Field if field), '"', "-", "*", " ", ":", "anna"])
    | st.text(max_size=8)
    | st.sampled_from(["203.0.113.7", "2026-05-01", "0000-00-00", "links", "spam", "AUTHOR:"])
).map("".join)


def test_words_phrases_and_fields_are_told_apart():
    assert search.read('tea "green tea" author:anna email:"a@b.example" -milk').terms == (
        Term(Field.WORDS, "tea"),
        Term(Field.WORDS, "green tea", is_quoted=True),
        Term(Field.AUTHOR, "anna"),
        Term(Field.EMAIL, "a@b.example", is_quoted=True),
        Term(Field.WORDS, "milk", is_excluded=True),
    )


def test_an_address_is_a_word_and_no_field():
    assert search.read("https://spam.example/x:1").terms == (
        Term(Field.WORDS, "https://spam.example/x:1"),
    )


def test_a_quote_that_is_not_closed_goes_to_the_end():
    assert search.read('page:"first post').terms == (Term(Field.PAGE, "first post", True),)


@pytest.mark.parametrize(
    "typed",
    [
        *("ip:300.1.1.1", "ip:anna", "before:yesterday", "before:2026-13-01", "after:2026-02-30"),
        *("state:gone", "has:nothing", "author:", "-", '""', "author:!!", "🎈", "te*", "*"),
        *("-ip:203.0.113.7", "-before:2026-05-01", "-page:x"),
    ],
)
def test_what_makes_no_sense_is_put_aside(typed):
    assert search.read(f"tea {typed}") == Query((Term(Field.WORDS, "tea"),), (typed,))


def test_a_date_is_the_start_of_its_day_in_utc():
    (term,) = search.read("before:2026-05-01").terms
    assert term.moment == dt.datetime(2026, 5, 1, tzinfo=clock.UTC)


def test_no_more_is_looked_for_than_there_is_time_for():
    query = search.read(" ".join(f"word{n}" for n in range(40)))
    assert len(query.terms) == search.MOST
    assert query.ignored[0] == f"word{search.MOST}"
    assert len(str(search.read("a" * 10_000))) == search.LONGEST


def test_a_term_that_there_is_no_room_for_is_left_out_and_told():
    first, second = "a" * 200, f"-{'b' * 200}"
    assert search.read(f"{first} {second}") == Query((Term(Field.WORDS, first),), (second,))


def test_a_chinese_word_may_begin_with_two_signs():
    assert search.read("桌布*").terms[0].is_beginning


@given(TYPED)
@example("--a")
@example("a:-")
@example("".join(f'w{n}{"a" * 16}"q{n}{"b" * 14}"' for n in range(8)))
@example(f'{"word " * 58}"{"x" * 60}"')
@example(f'"{"x" * 299}')
def test_anything_can_be_typed_and_what_is_understood_reads_the_same_again(typed):
    query = search.read(typed)
    again = search.read(str(query))
    assert again.terms == query.terms
    assert len(query.terms) == len(set(query.terms)) <= search.MOST


@given(TYPED)
def test_each_term_can_be_taken_away(typed):
    query = search.read(typed)
    for term in query.terms:
        rest = query.without(term)
        assert term not in rest.terms
        assert len(rest.terms) == len(query.terms) - 1


@given(st.text(max_size=40))
def test_what_a_link_looks_for_is_one_term(said):
    query = search.read(search.quoted(Field.AUTHOR, said))
    assert len(query.terms) + len(query.ignored) == 1


@pytest.mark.parametrize(
    ("reason", "common"),
    [
        ("It has 3 links; 2 are allowed.", "It has … links; … are allowed."),
        ("It has “table 2” from your list of words.", "It has … from your list of words."),
        ("It reads like spam (0.91): pills, click.", "It reads like spam …"),
        ("Readers reported it: spam (2).", "Readers reported it …"),
        ("Akismet takes it for spam.", "Akismet takes it for spam."),
    ],
)
def test_reasons_of_a_kind_are_called_the_same(reason, common):
    assert kind(reason) == common
