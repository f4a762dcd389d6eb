"""What the learning filter sees of a comment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.spam import tokens
from tests import effort
from tests.service.hostile import slow_shapes

# Repeated, so that a pattern which goes back over what it has seen would take for ever.
_PIECES = (
    *("a.", "a.com/", "www.", "https://", "1 ", "1-", "12 ", "(12)", "!", "! ", "a@", "a@a.", "@a"),
    *(
        "x ",
        "x.",
        "x x. ",
        "a dot ",
        "a [dot] ",
        "a . ",
        "[url ",
        "[url=",
        "<a ",
        "</",
        "a?a=",
        "?",
    ),
    *("$", "$1", "1 $", "=", "->", ">", "\U0001f600", "e\u0301", "\u0e40", "免", "\ufdfa", "&lt;"),
    *("&#", "'", "a'", "\u2019", "A", "A ", ":", ":)", "^_", "ref=/", "?ref", "0", "aaa", "_", "-"),
)
SHAPES = {repr(piece): piece * (8192 // len(piece)) for piece in _PIECES} | slow_shapes(8192)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("Get it for FREE", "word:free"),
        ("Don\u2019t", "word:dont"),
        ("sooooo gooood", "word:so"),
        ("\uff26\uff52\uff45\uff45", "word:free"),
        ("click here", "pair:click here"),
        ("subscribing", "stem:subsc"),
        ("2,014 views in 2014", "word:4 digits"),
        ("call 18005550199", "word:11 digits"),
        ("免费领取", "word:免费"),
        ("今すぐ登録", "word:登録"),
        ("ดาวน์โหลด", "word:ดา"),
        ("s p e l l e d", "word:spelled"),
        ("s p e l l e d", "shape:a word spelled l i k e this"),
        ("see https://www.shop.example/buy?x=1", "link:shop.example"),
        ("see https://a.b.co.uk/x", "link:b.co.uk"),
        ("see https://a.b.co.uk/x", "link:a.b.co.uk"),
        ("see cheap-pills.xyz now", "zone:xyz"),
        ("see https://shop.example/buy/now", "path:shop.example/buy"),
        ("kidstoys  . com is great", "shape:an address spelled so that filters miss it"),
        ("kidstoys  . com is great", "link:kidstoys.com"),
        ("go to my-shop dot com", "link:my-shop.com"),
        ("https://a.example/?ref=77", "shape:a link that counts referrals"),
        ("https://a.example", "shape:hardly more than a link"),
        ("no address", "links:no links"),
        ("[url=http://a.example]x[/url]", "shape:a link in HTML or BBCode"),
        ('<a href="http://a.example">x</a>', "shape:a link in HTML or BBCode"),
        ("write to me@mail.example", "shape:an e-mail address"),
        ("WhatsApp +1 (555) 010-4477", "shape:a telephone number"),
        ("only $50", "shape:an amount of money"),
        ("BUY THIS NOW", "shape:mostly capitals"),
        ("wow!!", "shape:many exclamation marks"),
        ("Нет", "script:cyrillic letters"),
        ("why?", "shape:a question"),
        ("&lt;3 &amp; more", "shape:a smile"),
    ],
)
def test_a_text_has_the_feature(text, feature):
    assert feature in tokens.features(text)


@pytest.mark.parametrize(
    "text",
    [
        "I edit main.rs, script.sh and README.md in node.js",
        "version 2.4.1 of the driver, see §3.2",
        "e.g. this, i.e. that. Or.not",
        "me@mail.example",
        "https://blog.example/other-post",
    ],
)
def test_what_is_no_link_elsewhere_counts_as_none(text):
    assert "links:no links" in tokens.features(text, own_host="blog.example")


@pytest.mark.parametrize("text", ["2026-01-02 03:04", "1 000 000 people", "from 1999 to 2004"])
def test_numbers_of_other_kinds_are_no_telephone_numbers(text):
    assert "shape:a telephone number" not in tokens.features(text)


def test_the_author_has_features_too():
    found = tokens.features("Hi.", name="Best Essay Help", website="https://www.essay-pro.example/")
    assert {"name:essay", "website:essay-pro.example"} <= set(found)
    assert "shape:a website beside the name" in found
    assert "shape:a name made of the website's words" in found
    assert "shape:a name of many words" in tokens.features("Hi.", name="cheap flights to Goa")
    assert "shape:an address as name" in tokens.features("Hi.", name="shop.example.com")


@pytest.mark.parametrize(
    ("seconds", "feature"),
    [
        (2.0, "pace:under 5 s on the form"),
        (5, "pace:5 to 14 s on the form"),
        (9999, "pace:600 or more s on the form"),
    ],
)
def test_pace_is_a_feature_where_it_is_known(seconds, feature):
    assert feature in tokens.features("Hello.", form_age=seconds)
    assert not any(one.startswith("pace:") for one in tokens.features("Hello."))


def test_who_types_faster_than_anyone_pasted_it():
    text = "A long text that nobody could have typed within so short a time as this."
    assert "shape:faster than anyone types" in tokens.features(text, form_age=2)
    assert "shape:faster than anyone types" not in tokens.features(text, form_age=20)


def test_a_long_text_is_looked_at_from_both_ends():
    found = tokens.features("word " * 5000 + "https://spam.example")
    assert "link:spam.example" in found


def test_every_feature_can_be_said():
    found = tokens.features(
        "Click here, subscribers: https://a.example.xyz/b", name="Ada", website="https://b.example"
    )
    said = {tokens.said(feature) for feature in found}
    assert {"'click here'", "'subsc…'", "link to a.example.xyz", "'ada' in the name"} <= said
    assert {"website b.example", "link to a .xyz address", "a website beside the name"} <= said


@given(st.text(max_size=500), st.text(max_size=60))
def test_any_text_gives_a_bounded_set_of_short_features(text, name):
    found = tokens.features(text, name=name, website="https://a.example")
    assert len(found) == len(set(found)) <= tokens.MOST
    assert all(len(feature) <= 120 for feature in found)
    assert all(tokens.said(feature) for feature in found)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_takes_long(shape):
    took = effort.seconds(lambda: tokens.features(SHAPES[shape], name=SHAPES[shape][:60]))
    assert took < 0.1, "about 5 ms at most; a busy machine measures more"
