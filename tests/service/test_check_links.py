"""How many links a comment may bring, and to where."""

import pytest

from afterword.spam.checks.links import links
from afterword.spam.verdict import Level, Writer
from tests.service.drafts import judged

KNOWN = Writer(id="1", approved=1)
THREE = "https://a.example https://b.example https://c.example"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("none", Level.PASS),
        ("https://a.example https://b.example", Level.PASS),
        (THREE, Level.HOLD),
        ("[a](https://a.example) [b](https://b.example) [c](https://c.example)", Level.HOLD),
        ("`https://a.example` `https://b.example` `https://c.example`", Level.PASS),
        ("https://blog.example/1 https://blog.example/2 https://blog.example/3", Level.PASS),
    ],
)
def test_more_links_elsewhere_than_the_site_allows_hold_the_comment(text, level):
    verdict = links(*judged(text=text, hosts=frozenset({"blog.example"})))
    assert verdict.level is level


def test_the_reason_counts_the_links_and_the_places():
    assert links(*judged(text=THREE)).reason == "It has 3 links, to 3 different places."
    same = "https://a.example/1 https://a.example/2 https://a.example/3"
    assert links(*judged(text=same)).reason == "It has 3 links, all to one place."
    assert links(*judged(text="https://a.example", max_links=0)).reason == "It has a link."


def test_a_known_author_may_use_three_times_as_many():
    six = " ".join(f"https://{letter}.example" for letter in "abcdef")
    assert links(*judged(text=six, writer=KNOWN)).level is Level.PASS
    assert links(*judged(text=f"{six} https://g.example", writer=KNOWN)).level is Level.HOLD
    assert links(*judged(text=six, writer=KNOWN, trust_after=2)).level is Level.HOLD


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"text": "https://bit.ly/3x"}, "bit.ly"),
        ({"text": "[look](https://www.tinyurl.com/3x)"}, "tinyurl.com"),
        ({"website": "https://t.co/3x"}, "t.co"),
        ({"text": "http://192.0.2.7/login"}, "192.0.2.7"),
        ({"text": "http://192.0.2.7:8080/login"}, "a number and no name"),
        ({"text": "http://[2001:db8::1]/"}, "a number and no name"),
        ({"text": "http://[2001:db8::1]:8080/"}, "a number and no name"),
        ({"text": "http://3232235777/"}, "a number and no name"),
        ({"text": "http://3232235777:8080/"}, "a number and no name"),
        ({"text": "http://0xC0A80101/"}, "a number and no name"),
        ({"text": "http://192.168.257/"}, "a number and no name"),
        ({"text": "http://0300.0250.1.0x1/"}, "a number and no name"),
        ({"text": "https://раураӏ.com"}, "looks like another address"),  # noqa: RUF001
        ({"text": "[https://bank.example](https://evil.example)"}, "leads to evil.example"),
        ({"text": "[www.bank.example/in](https://evil.example)"}, "says www.bank.example/in"),
    ],
)
def test_a_strangers_link_that_hides_where_it_leads_holds_the_comment(said, about):
    verdict = links(*judged(**said))
    assert verdict.level is Level.HOLD
    assert about in verdict.reason
    assert links(*judged(**said, writer=KNOWN)).level is Level.PASS


@pytest.mark.parametrize(
    "text",
    [
        "[node.js](https://nodejs.org)",
        "[www.bank.example](https://bank.example/in)",
        "[http://bank.example](https://www.bank.example)",
        "<ada@blog.example>",
        "https://münchen.example",
        "https://mybit.ly.example/",
        "https://192.0.2.7.example/",
        "https://42.example:8080/",
        "https://0x.example/",
    ],
)
def test_links_that_say_where_they_lead_pass(text):
    assert links(*judged(text=text)).level is Level.PASS


def test_each_link_makes_a_little_more_suspicious_and_none_not_at_all():
    said = ["None.", "https://a.example", "https://a.example https://b.example", THREE]
    found = [links(*judged(text=text)).suspicion for text in said]
    assert found[0] == 0
    assert found == sorted(set(found))
    assert found[-1] <= 1
