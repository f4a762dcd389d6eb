"""A look and words for a site's threads: what an owner may write, and what readers' pages get."""

from __future__ import annotations

import json

import pytest

from afterword.sites import changes, options, texts
from afterword.sites.options import WrongOption
from tests.conftest import BLOG

THREAD = f"/api/v1/thread?url={BLOG}/first-post"


def chosen(**written):
    return options.of(options.change({}, written))


def test_a_site_that_chose_nothing_sends_neither_look_nor_texts(client, site):
    assert not {"look", "texts"} & set(client.get(THREAD).json["site"])


def test_the_look_that_was_chosen_goes_with_each_thread(client, context, site):
    changes.choose(site.id, {"look_accent": "#B3541E", "look_density": "compact"})
    assert client.get(THREAD).json["site"]["look"] == {"accent": "#b3541e", "density": "compact"}


def test_words_that_were_chosen_go_with_each_thread(client, context, site):
    said = {"empty": "Say hello.", "count": {"other": "{n} notes", "one": "{n} note"}}
    changes.choose(site.id, {"texts": json.dumps(said)})
    assert client.get(THREAD).json["site"]["texts"] == said


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("look_theme", "neon"),
        ("look_accent", "red;background:url(//evil.example)"),
        ("look_accent", "#12"),
        ("look_radius", "4px;}"),
        ("look_radius", "400px"),
        ("look_density", "tight"),
        ("look_font", "Arial; color: red"),
        ("look_font", "url(evil)"),
        ("look_font", '"Comic'),
        ("look_font", "a, b, c, d, e, f, g"),
    ],
)
def test_a_look_of_another_shape_is_refused(name, written):
    with pytest.raises(WrongOption, match=name):
        chosen(**{name: written})


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("[1]", "JSON object"),
        ("{", "JSON object"),
        ("[" * 100_000, "JSON object"),
        ('{"nonsense": "x"}', "no sentence 'nonsense'"),
        ('{"reply": 7}', "printable"),
        ('{"reply": "a\\u202eb"}', "printable"),
        ('{"reply": "Answer {who}"}', "cannot fill {who} in reply"),
        ('{"reply": {"other": "x"}}', "printable"),
        ('{"count": {"one": "x"}}', "needs for count an other"),
        ('{"count": {"other": "x", "dozen": "y"}}', "needs for count an other"),
        (json.dumps({"reply": "x" * 301}), "printable"),
        (json.dumps(dict.fromkeys(texts.english(), "x" * 300)), "6,000 characters"),
    ],
)
def test_words_that_the_widget_could_not_say_are_refused(written, says):
    with pytest.raises(WrongOption, match=says):
        chosen(texts=written)


def test_an_empty_sentence_is_said_as_the_widget_says_it():
    assert chosen(texts='{"reply": "", "empty": "Say hello."}').sentences == {"empty": "Say hello."}


def test_each_english_sentence_can_be_said_as_it_is():
    for key, said in texts.english().items():
        assert chosen(texts=json.dumps({key: said})).sentences == {key: said}


def test_look_and_words_are_written_as_they_are_read():
    options_before = chosen(look_font=" Georgia ,serif", texts='{"empty":"Say hello."}')
    assert options.of(options.change({}, options.written(options_before))) == options_before
    assert options_before.look_font == "Georgia, serif"


def test_every_choice_of_the_look_is_listed_once():
    assert {name for name in options.LOOK if name != "texts"} == {
        f"look_{name}"
        for name in chosen(
            look_theme="dark",
            look_accent="#000",
            look_radius="0",
            look_density="roomy",
            look_font="serif",
        ).look
    }
