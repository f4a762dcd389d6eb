"""Pictures become words or links: what they show is not lost, and nothing is loaded for it."""

from __future__ import annotations

import pytest

from afterword.markup import pictures
from tests import effort

CAT = "https://x.example/cat.png"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'<p><img alt="a cat" src="{CAT}"></p>', "<p>a cat</p>"),
        (f"<p><IMG SRC={CAT}></p>", f'<p><a href="{CAT}">{CAT}</a></p>'),
        ("<img src=//x.example/cat.png>", f'<a href="{CAT}">{CAT}</a>'),
        (
            f'<a href="https://y.example"><img src="{CAT}"></a>',
            f'<a href="https://y.example">{CAT}</a>',
        ),
        ("So<img alt=one><img alt=two>be it", "So one two be it"),
        ("<img src=x atk-emoticon=smile>", ":smile:"),
        ('<img alt="a > b">', "a &gt; b"),
        (f'<img src="{CAT}" width="1" height="1">', ""),
        ("<pre>&lt;img alt=x&gt;</pre>", "<pre>&lt;img alt=x&gt;</pre>"),
    ],
)
def test_html(text, words):
    assert pictures.in_html(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"![a cat]({CAT})", f"[a cat]({CAT})"),
        (f'![]({CAT} "A title")', CAT),
        (f"[![a cat]({CAT})](https://y.example)", "[a cat](https://y.example)"),
        (f"so![]({CAT})be", f"so {CAT} be"),
        (f'Oh <img src="{CAT}">!', f"Oh {CAT}!"),
        ("![](/cat.png) <img src=data:x>", "![](/cat.png) <img src=data:x>"),
        (f"`![a]({CAT})`\n\n    <img alt=x>", f"`![a]({CAT})`\n\n    <img alt=x>"),
        (rf"\![a]({CAT})", rf"\![a]({CAT})"),
    ],
)
def test_markdown(text, words):
    assert pictures.in_markdown(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        '<img src="javascript:alert(1)">',
        '<img src="https://user@x.example/">',
        '<img alt="" src="data:image/svg+xml,<svg onload=alert(1)>">',
    ],
)
def test_an_address_that_no_link_may_have_is_not_shown(text):
    assert pictures.in_html(text) == ""


def test_words_of_a_picture_are_no_tags():
    made = pictures.in_html('<img alt="<b onclick=x>&lt;i&gt;">')
    assert made == "&lt;b onclick=x&gt;&lt;i&gt;"


@pytest.mark.parametrize("piece", ["<img ", "<img \"'", "![", "![a](", "![](x '", "<img alt=x>"])
def test_pictures_without_end_cost_no_more_than_others(piece):
    text = piece * (200_000 // len(piece))
    assert effort.seconds(lambda: pictures.in_html(text + "<img")) < 5
    assert effort.seconds(lambda: pictures.in_markdown(text)) < 5
