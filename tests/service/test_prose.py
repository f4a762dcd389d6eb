"""What is known at a glance comes out as the parsers would write it, byte by byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from afterword.core.errors import Problem
from afterword.markup import allowed, plain, prose
from afterword.markup import render as rendering
from tests.service import hostile

pytestmark = pytest.mark.slow

SIGNS = st.sampled_from("aZ é漢🎈'\".,;:!?-+#=|%$(){}^@/1\u0301\u200d\u2003")
MARKUP = st.sampled_from(("\n", "\n\n", " \n", "\t", *"*_`<", "&amp;", "[a](b)", "http://a"))
TEXTS = st.lists(SIGNS | SIGNS | SIGNS | MARKUP, max_size=40).map("".join)
PROSE = st.lists(SIGNS | SIGNS | st.just("\n"), max_size=60).map(
    lambda signs: re.sub(r"(^|\n)[^a-zA-Z\n]+|[^\S\n]+(?=\n|$)|:/", r"\1", "".join(signs))
)


@bounded(max_examples=400, deadline=None)
@given(PROSE | TEXTS)
@example('One line.\nAnother “one”: it says "yes".\n\n\nMore.')
@example("a\u2003\nb")
@example("Setext\n---\nand | a | table")
@example("a" * 9000)
@example("a\n" * 4096)
def test_paragraphs_are_what_the_markdown_parser_makes(text):
    try:
        source = rendering.accepted(text, limit=10_000)
    except Problem:
        return
    made = prose.paragraphs(source)
    assert made is None or made == rendering._parsed(source)


@pytest.mark.parametrize(
    "text",
    [
        "Good morning.",
        "Grüße aus Köln!\nUnd noch eine Zeile: so.\n\nEin Absatz.",
        "漢字です。",
        'He said "no" (twice); it\'s 3-2, 50% = half, #1 + #2.',
    ],
)
def test_what_most_people_write_is_known_at_a_glance(text):
    made = prose.paragraphs(text)
    assert made is not None
    assert prose.is_clean(made.replace("&quot;", '"'))


WORDS = st.lists(
    st.sampled_from(
        (
            *("a", "b c", "é漢🎈", "\n", " ", "\t", '"', "'", "&amp;", "&lt;", "&nbsp;", "<br>"),
            *("&quot;", "&#x202e;", "\u202e", "\r", "\x0c", "\u00a0", "\ufdd0", "]]>", "`"),
            *("\u0301", "\u2028"),
        )
    ),
    max_size=5,
).map("".join)
HREFS = st.sampled_from(
    (
        *("https://a.example/b%20c,d;e=f~", "http://a.example", "https://u@a.example/"),
        *("https://a.example/?q=1&amp;b=2", "https://a.example/'x", "mailto:a@b.example"),
        *("javascript:x", "//a"),
    )
)
LINKS = st.builds('<a href="{}" rel="{}">{}</a>'.format, HREFS, st.just(allowed.REL), WORDS)
PAIRS = st.sampled_from(
    (
        *("em", "strong", "b", "i", "s", "del", "code", "p", "pre", "blockquote", "ul", "ol"),
        *("li", "div", "h1", "span", "script", "style", "table", "svg", "p id=x"),
        "code class=language-py",
    )
)


def wrapped(inner):
    return st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        PAIRS,
        st.lists(inner, max_size=4),
    )


HTML = st.lists(st.recursive(WORDS | LINKS, wrapped, max_leaves=8), max_size=4).map("".join)


def cleaned_by_all_gates(kept):
    return rendering._GATE.clean(plain.visible(rendering._cleaner().clean(kept)))


@bounded(max_examples=800, deadline=None)
@given(HTML)
@example("<p>One.</p><p>Two<br>three.</p>")
@example("<ul><li>One</li>\n<li>Two <em>three</em></li></ul>")
@example("<ol start=3><li>a</li></ol>")
@example("<blockquote><p>a</p></blockquote><p><b>a</b> <a href=https://a.example/>b</a></p>")
def test_what_is_clean_passes_the_other_gates_unchanged(html):
    kept = rendering._GATE.clean(html)
    if prose.is_clean(kept):
        assert cleaned_by_all_gates(kept) == kept


@pytest.mark.parametrize(
    "html",
    [
        "<p>One.</p>\n<p>Two<br>three &amp; four.</p>\n",
        f'<p>See <a href="https://a.example/b" rel="{allowed.REL}">this</a>.</p>',
        "<blockquote><p>So.</p></blockquote><p><strong>No.</strong></p>",
        "Bare words",
    ],
)
def test_most_html_of_other_systems_is_known_as_clean(html):
    assert prose.is_clean(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>a",
        "<p onclick=x>a</p>",
        '<a href="https://a.example/">no rel</a>',
        f'<a href="javascript:x" rel="{allowed.REL}">a</a>',
        f'<a href="https://u@a.example/" rel="{allowed.REL}">a</a>',
        f'<a href="https://a.example/"><b>x</b> rel="{allowed.REL}">a</a>',
        "<script>a</script>",
        "<p>a\u202eb</p>",
        "<p>a&#x202e;b</p>",
        "<p><p>a</p></p>",
        "<em><em>a</em></em>",
    ],
)
def test_what_gates_would_change_is_not_clean(html):
    assert not prose.is_clean(html)


def test_nothing_hostile_is_taken_for_clean_that_the_gates_would_change():
    for text in hostile.payloads():
        kept = rendering._GATE.clean(text)
        assert not prose.is_clean(kept) or cleaned_by_all_gates(kept) == kept, text
