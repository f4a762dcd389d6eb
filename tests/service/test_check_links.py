"""How many links a comment may bring."""

import pytest

from afterword.markup.render import render
from afterword.spam.checks.links import links
from afterword.spam.verdict import Level
from tests.service.drafts import judged


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("none", Level.PASS),
        ("https://a.example https://b.example", Level.PASS),
        ("https://a.example https://b.example https://c.example", Level.HOLD),
        ("[a](https://a.example) [b](https://b.example) [c](https://c.example)", Level.HOLD),
        ("`https://a.example` `https://b.example` `https://c.example`", Level.PASS),
    ],
)
def test_more_links_than_the_site_allows_hold_the_comment(text, level):
    verdict = links(*judged(html=render(text)))
    assert verdict.level is level
    assert bool(verdict.reason) == (level is Level.HOLD)


def test_a_site_may_allow_no_link_at_all():
    html = render("https://a.example")
    assert links(*judged(html=html, max_links=0)).level is Level.HOLD
