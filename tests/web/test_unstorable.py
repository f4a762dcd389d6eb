"""What no database takes is refused before it is looked up, at every address."""

from __future__ import annotations

import re

import pytest

from afterword.sites import changes
from tests import desk
from tests.conftest import BLOG, PAGE

OWNER = "hanna@blog.example"
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


def paths(app, prefix, method, *, part="1"):
    """Every address, with this in the place of each name and 1 in the place of each number."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and method in rule.methods:
            yield re.sub(r"<[^>]*>", part, re.sub(r"<int:[^>]*>", "1", rule.rule))


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


@pytest.fixture(params=["stranger", "owner"])
def somebody(app, request):
    """Who asks by GET and sends forms, as the desk's own pages do."""
    if request.param == "owner":
        desk.moderator(app, OWNER)
        return desk.of(app, OWNER)
    return desk.Desk(app)


def test_nul_in_a_path_leads_nowhere(app, somebody):
    asked = 0
    for method in ("get", "post"):
        for path in paths(app, "/", method.upper(), part="%00"):
            if "%00" in path:
                assert getattr(somebody, method)(path).status_code == 404, (method, path)
                asked += 1
    assert asked > 50


def test_nul_in_a_query_or_form_is_no_error_of_the_service(app, somebody):
    names = (
        *("url", "of", "site", "q", "after", "sort", "since", "email", "password", "text", "name"),
        *("source", "target", "key", "code", "state", "challenge", "origin", "id", "note", "way"),
    )
    said = dict.fromkeys(names, "a\0b")
    for path in paths(app, "/", "GET"):
        assert somebody.get(path, **said).status_code < 500, path
    for path in paths(app, "/", "POST"):
        assert somebody.post(path, **said).status_code < 500, path


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("get", "/thread", {"url": PAGE, "of": "\0"}),
        ("post", "/admin/login", {"email": "a\0b", "password": "x"}),
    ],
)
def test_nul_is_refused_as_what_cannot_be_stored(app, method, path, said):
    answer = getattr(desk.Desk(app), method)(path, **said)
    assert answer.status_code == 400
    assert "characters that cannot be stored" in answer.text
