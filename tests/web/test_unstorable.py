"""What no database takes is refused before it is looked up, at every address."""

from __future__ import annotations

import re

import pytest

from afterword.app import close, create_app
from afterword.core import config
from afterword.operate import migrate
from afterword.sites import changes
from tests import desk, make
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

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


@pytest.fixture
def there(postgresql, tmp_path):
    """The service over PostgreSQL, which has no text with NUL in it, with a site."""
    told = {"AFTERWORD_DATA": str(tmp_path / "there"), "AFTERWORD_RATE_LIMITS": "off"}
    chosen = config.read({**told, "AFTERWORD_DATABASE_URL": postgresql})
    migrate.upgrade(chosen)
    app = create_app(chosen)
    with app.app_context():
        site = changes.choose(changes.add(BLOG).id, {"sign_in": "offered"})
        make.comment(make.page(site))
    yield app
    close(app)


@pytest.fixture(params=["stranger", "owner"])
def somebody(there, request):
    """Who asks by GET and sends forms, as the desk's own pages do."""
    if request.param == "owner":
        desk.moderator(there, OWNER)
        return desk.of(there, OWNER)
    return desk.Desk(there)


def test_nul_in_a_path_is_no_error_of_the_service(there, somebody, caplog):
    asked = 0
    for method in ("get", "post"):
        for path in paths(there, "/", method.upper(), part="%00"):
            if "%00" in path:
                status = getattr(somebody, method)(path).status_code
                assert status in {303, 400, 401, 403, 404}, (method, path)
                asked += 1
    assert asked > 50
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_nul_in_a_query_or_form_is_no_error_of_the_service(there, somebody, caplog):
    names = (
        *("url", "of", "site", "q", "after", "sort", "since", "email", "password", "text", "name"),
        *("source", "target", "key", "code", "state", "challenge", "origin", "id", "note", "way"),
    )
    said = dict.fromkeys(names, "a\0b")
    for name in names:
        for path in paths(there, "/", "GET"):
            asked = {"url": PAGE, "site": "blog.example", name: said[name]}
            with somebody.get(path, **asked) as answer:
                assert answer.status_code < 500, (path, name)
    for path in paths(there, "/", "POST"):
        assert somebody.post(path, **said).status_code < 500, path
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("get", "/thread", {"url": PAGE, "of": "\0"}),
        ("post", "/admin/login", {"email": "a\0b", "password": "x"}),
    ],
)
def test_nul_is_refused_as_what_cannot_be_stored(there, method, path, said):
    answer = getattr(desk.Desk(there), method)(path, **said)
    assert answer.status_code == 400
    assert "characters that cannot be stored" in answer.text
