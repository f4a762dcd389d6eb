"""Hostile texts come out with nothing but what is allowed, whatever parses them."""

import pytest

from afterword.core.errors import BadRequest, BadWebsite, Problem
from afterword.markup import allowed, links
from afterword.markup.render import MAX_LENGTH, render, sanitise
from tests.service.audit import faults
from tests.service.hostile import REFUSED, hrefs, payloads, slow_shapes

pytestmark = pytest.mark.slow


def rendered(text):
    try:
        return render(text)
    except Problem:
        return ""


def sanitised(text):
    try:
        return sanitise(text)
    except Problem:
        return ""


def test_the_audit_sees_what_it_is_for():
    for bad in (
        "<script>1</script>",
        '<p onclick="1">a</p>',
        '<p id="a">a</p>',
        "<a>a</a>",
        f'<a href="javascript:1" rel="{allowed.REL}">a</a>',
        f'<a href="//evil.example" rel="{allowed.REL}">a</a>',
        f'<a href="https://a@evil.example" rel="{allowed.REL}">a</a>',
        '<code class="x">a</code>',
        "<p>a",
        "a</p>",
        "<!-- a -->",
        "a&#x202e;",
    ):
        assert faults(bad), bad


def test_there_are_enough_hostile_texts():
    assert len(set(payloads())) > 1500
    assert len(set(hrefs())) > 150


@pytest.mark.parametrize("gate", [rendered, sanitised])
def test_hostile_texts_come_out_harmless(gate):
    found = {text: faults(gate(text)) for text in payloads()}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("gate", [rendered, sanitised])
def test_what_came_out_stays_the_same_when_read_again(gate):
    made = {gate(text) for text in payloads()}
    assert [html for html in made if sanitise(html) != html] == []


def test_hostile_texts_are_harmless_behind_other_words():
    found = {text: faults(rendered(f"A comment.\n\n> {text}\n\n- {text}")) for text in payloads()}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


def test_most_hostile_texts_are_shown_and_not_refused():
    assert sum(bool(rendered(text)) for text in payloads()) > 0.95 * len(payloads())


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("gate", [render, sanitise])
def test_unstorable_texts_are_refused(gate, text):
    with pytest.raises(BadRequest):
        gate(text)


def test_no_hostile_href_becomes_a_website():
    for href in hrefs():
        try:
            website = links.website(href)
        except BadWebsite:
            continue
        assert website is None or allowed.href_ok(website)
        assert website is None or website.startswith(("http://", "https://"))


def test_slow_shapes_come_out_harmless():
    shapes = slow_shapes(MAX_LENGTH)
    assert [name for name, text in shapes.items() if faults(rendered(text))] == []
