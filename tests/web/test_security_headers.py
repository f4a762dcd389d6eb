"""Every answer of every address carries the headers that protect who opens it."""

import re

import pytest
from werkzeug.routing import BuildError

from afterword.threads.models import State
from tests import desk, make
from tests.conftest import PAGE

pytestmark = pytest.mark.slow

OWNER = "hanna@blog.example"
HERE = "https://comments.example.org"
SENT = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
ON_PAGES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# The window beside a blog page tells it of what was done; the preview stands in a page of the desk.
APART = {
    r"/auth/": {"Cross-Origin-Opener-Policy": "unsafe-none", "Referrer-Policy": "no-referrer"},
    r"/admin/comments/[^/]+/here$": {"Cross-Origin-Opener-Policy": "unsafe-none"},
    r"/admin/sites/1/look/preview$": {"X-Frame-Options": "SAMEORIGIN"},
}
NOBODY = {"camera", "geolocation", "microphone", "payment", "usb", "browsing-topics"}


@pytest.fixture
def told(request):
    return {
        "AFTERWORD_FORM_CHECKS": "off",
        "AFTERWORD_RATE_LIMITS": "off",
        "AFTERWORD_PUBLIC_URL": getattr(request, "param", HERE),
    }


@pytest.fixture
def there(app, site):
    """Something of what addresses ask for, so that they answer with more than that it is not."""
    with app.app_context():
        page = make.page(site)
        comment = make.comment(page, state=State.PENDING)
        return {"comment_id": comment.id, "page_id": page.id, "site_id": site.id}


@pytest.fixture
def stranger(app):
    client = app.test_client()
    return lambda path, method: client.open(path, method=method, base_url=HERE)


@pytest.fixture
def owner(app):
    desk.moderator(app, OWNER, name="Hanna")
    client = app.test_client()
    said = {"email": OWNER, "password": desk.PASSWORD}
    assert client.post("/admin/login", data=said, base_url=HERE).status_code == 303
    assert client.get("/admin/account", base_url=HERE).status_code == 200
    return lambda path, method: client.open(path, method=method, base_url=HERE)


def every_answer(app, there, ask):
    for rule in app.url_map.iter_rules():
        for method in SENT:
            said = {name: there.get(name, 1) for name in rule.arguments}
            said |= dict.fromkeys(rule.arguments & {"filename"}, "icon.svg")
            try:
                path = app.url_map.bind("localhost").build(rule.endpoint, said)
            except BuildError:
                path = re.sub(r"<[^>]*>", "1", rule.rule)
            if rule.endpoint != "admin.log_out":
                with ask(path, method) as answer:
                    yield f"{method} {path}", answer
    for path in ("/nowhere", "/api/v1/nowhere", "/static/nowhere", f"/thread?url={PAGE}", "/\x00"):
        yield path, ask(path, "GET")


@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_every_answer_of_every_address_is_protected(app, there, who, request):
    pages, data = 0, 0
    for asked, answer in every_answer(app, there, request.getfixturevalue(who)):
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert directives["default-src"] == "'none'", asked
        own = next((said for path, said in APART.items() if re.search(path, asked)), {})
        framed = "X-Frame-Options" in own and headers.get("X-Frame-Options") == "SAMEORIGIN"
        assert directives["frame-ancestors"] == (HERE if framed else "'none'"), asked
        assert not framed or directives["sandbox"] == "allow-scripts", asked
        assert "unsafe" not in policy, asked
        assert "*" not in policy, asked
        assert headers["X-Content-Type-Options"] == "nosniff", asked
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000"), asked
        shared = headers["Cross-Origin-Resource-Policy"]
        is_script = "/embed" in asked and answer.status_code == 200 and "OPTIONS" not in asked
        assert shared == ("cross-origin" if is_script else "same-origin"), asked
        assert "Server" not in headers, asked
        if answer.mimetype == "text/html":
            pages += 1
            kept = {name: headers[name] for name in ON_PAGES}
            assert kept in (ON_PAGES, {**ON_PAGES, **own}), asked
            off = set(re.findall(r"([a-z-]+)=\(\)", headers["Permissions-Policy"]))
            assert off >= NOBODY, asked
            assert directives["base-uri"] == "'none'", asked
            assert directives["form-action"] in {"'self'", "'none'"}, asked
        else:
            data += 1
        many = {name for name, _ in headers if len(headers.getlist(name)) > 1}
        assert many <= {"Set-Cookie", "Vary"}, asked
    assert pages > 20
    assert data > 20


@pytest.mark.parametrize("told", ["http://localhost:8000"], indirect=True)
def test_nothing_is_said_of_https_where_there_is_none(client):
    assert "Strict-Transport-Security" not in client.get("/privacy").headers
