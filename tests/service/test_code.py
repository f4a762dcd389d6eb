"""Which part of a text in Markdown is code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.markup import code
from tests import effort


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        ("Use `<br>` and ``a ` b``.", ["`<br>`", "``a ` b``"]),
        ("```html\n<p>\n\n</p>\n```\nafter", ["```html\n<p>\n\n</p>\n```"]),
        ("~~~\nnever closed\n\n`x", ["~~~\nnever closed\n\n`x"]),
        ("so:\n\n    <div>\n\tx\n\nafter", ["    <div>\n\tx\n"]),
        ("```on one line``` after", ["```on one line```"]),
        ("a\r\n\r\n```\r\nb\r\n```\r\nafter", ["```\r\nb\r\n```\r"]),
        (r"\`no\` and `yes\` after", [r"`yes\`"]),
        ("one ` here\n\nand one ` there", []),
        ("`` two and ` one", []),
    ],
)
def test_spans_fences_and_indented_lines_are_code(text, is_code):
    assert code.parts(text)[1::2] == is_code


@given(st.text(alphabet="`~\\ \n\tab<", max_size=80))
def test_the_parts_are_the_text(text):
    parts = code.parts(text)
    assert "".join(parts) == text
    assert len(parts) % 2 == 1


@pytest.mark.parametrize("piece", ["` ", "``` `\n", "```\n", "~~~ x\n", "\n\n    x", "`\\"])
def test_ticks_without_partners_cost_no_more_than_others(piece):
    runs = " ".join("`" * many for many in range(900))
    assert effort.seconds(lambda: code.parts(piece * (400_000 // len(piece)))) < 5
    assert effort.seconds(lambda: code.parts(runs)) < 5
