"""What no database takes is refused before it is looked up, at every address."""

from __future__ import annotations

import re

import pytest

from afterword.sites import changes
from tests.conftest import BLOG, PAGE

NAMES = (
    *("url", "page", "title", "text", "parent", "form", "quote", "lang", "reason", "note"),
    *("code", "handle", "verifier", "email", "token", "value", "on", "urls", "pages"),
)
WRITES = ("POST", "PATCH", "PUT", "DELETE")


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}


@pytest.fixture(autouse=True)
def offered(app, site):
    with app.app_context():
        changes.choose(site.id, {"sign_in": "offered"})


def paths(app, prefix, method):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and method in rule.methods:
            yield re.sub(r"<[^>]*>", "1", rule.rule)


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_the_api_is_taken_that_cannot_be_stored(app, client, name, text):
    asked = 0
    usual = {"url": PAGE, "text": "Hello.", "author": {"name": "Ada"}, "code": "1" * 6}
    usual |= {"handle": "h", "verifier": "v" * 43}
    for method in WRITES:
        for path in paths(app, "/api/", method):
            for value in (text, [text], {"a": text}, {text: 1}):
                sent = {**usual, name: value}
                answer = client.open(path, method=method, json=sent, headers={"Origin": BLOG})
                assert answer.status_code < 500, (method, path, value)
                asked += 1
    assert asked > 30


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("comments", {"url": PAGE, "text": "Hi.", "author": {"name": "A"}, "form": "\ud800"}),
        ("sign-in", {"code": "\ud800", "verifier": "v" * 43}),
        ("sign-in/email/code", {"handle": "\ud800", "code": "123456"}),
        ("sign-in/email/code", {"handle": "h", "code": "\ud800"}),
    ],
)
def test_a_lone_surrogate_is_refused_by_the_name_of_its_field(client, path, sent):
    answer = client.post(f"/api/v1/{path}", json=sent, headers={"Origin": BLOG})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert list(answer.json["fields"]) == [name for name in sent if sent[name] == "\ud800"]
