"""No page elsewhere takes long to look through: beside an ordinary one of the same length."""

from __future__ import annotations

import pytest

from afterword.core.fetch import Answer
from afterword.mentions import endpoint, said, words
from afterword.mentions.verify import LIMITS
from tests.conftest import PAGE
from tests.service.test_markup_time import is_quick

pytestmark = pytest.mark.slow

SOURCE = "https://friend.example/notes/1"
LINK = f'<a class="u-in-reply-to" href="{PAGE}">x</a>'
ENTRY = '<div class="h-entry '
ORDINARY = "".join(f'<p>See <a href="https://a.example/{n}">this</a>.</p>' for n in range(30_000))
SHAPES = {
    "a base as long as the page": '<base href="https://a.example/'
    + "a/" * 250_000
    + '">'
    + "<a href=x>" * 50_000,
    "a long base and many links": '<base href="https://a.example/'
    + "a/" * 1_000
    + '">'
    + "".join(f"<a href={n}>" for n in range(49_000)),
    "many long links": "".join(f"<a href={'é/' * 600}{n}>" for n in range(900)),
    "a link as long as the page": f'<a href="{"../" * 340_000}">',
    "classes around many links": f'{ENTRY}{"a " * 450_000}"><p>{LINK * 20}',
}
MOST = 10  # at most 3 was measured


def look(html: str, *, kind: str = "text/html") -> said.Said | None:
    body = html.encode()[: LIMITS.most]
    return said.find(Answer(200, body, (("content-type", kind),)), url=SOURCE, target=PAGE)


@pytest.mark.parametrize("name", SHAPES)
def test_a_page_made_to_be_slow_takes_no_longer_than_others(name):
    assert is_quick(lambda: look(SHAPES[name]), most=MOST, beside=lambda: look(ORDINARY))


@pytest.mark.parametrize(
    "charset",
    [
        "punycode",
        pytest.param("idna", marks=pytest.mark.thorough),
        "iso-2022-jp",
        pytest.param("gb18030", marks=pytest.mark.thorough),
        pytest.param("utf-16", marks=pytest.mark.thorough),
    ],
)
def test_no_charset_makes_a_page_slow(charset):
    html = ORDINARY.replace("this", "that" * 10)
    kind = f"text/html; charset={charset}"
    assert is_quick(lambda: look(html, kind=kind), most=MOST, beside=lambda: look(html))


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\U0001d16d\U0001d165"])
def test_no_words_take_long_to_clean(marks):
    def cleaned(piece: str) -> None:
        words.text(piece * (LIMITS.most // len(piece.encode())), most=5000)

    assert is_quick(lambda: cleaned(marks), most=100, beside=lambda: cleaned("Zoë "))


@pytest.mark.parametrize("piece", ["<", "<a>;", '<a>;rel="', "<a>; ", "<a> ;rel=x", "rel="])
def test_no_header_makes_the_look_for_an_endpoint_slow(piece):
    def looked(piece: str) -> None:
        endpoint.find(Answer(200, b"", (("link", piece * (60_000 // len(piece))),)), url=SOURCE)

    ordinary = "<https://a.example/1>; rel=next, "
    assert is_quick(lambda: looked(piece), most=100, beside=lambda: looked(ordinary))
