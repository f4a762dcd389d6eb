"""The desk's door: who gets in, what a session is, and what no other site can do with it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from afterword.core import clock, signing
from afterword.core.db import db, transaction
from afterword.identity import moderators, sessions
from afterword.identity.models import PassToken, Session
from afterword.sites import directory
from afterword.web.admin.access import OPEN
from tests import make

pytestmark = pytest.mark.slow

EMAIL, PASSWORD = "hanna@blog.example", "a boat that was a table"


@pytest.fixture
def hanna(app):
    with app.app_context():
        return moderators.add(EMAIL, password=PASSWORD, name="Hanna")


@pytest.fixture
def log_in(client, hanna):
    def log_in(email=EMAIL, password=PASSWORD, **more):
        return client.post("/admin/login", data={"email": email, "password": password, **more})

    return log_in


def cookie(answer):
    return answer.headers.get("Set-Cookie", "")


def addresses(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and rule.endpoint not in OPEN:
            path = rule.rule.replace("<int:site_id>", "1").replace("<comment_id>", "1m83j1k6af3r8")
            path = re.sub(r"<int:\w+>", "1", path)
            for method in rule.methods & {"GET", "POST"}:
                yield method, path


def test_every_page_of_the_desk_asks_for_a_log_in(app, client, hanna):
    asked = list(addresses(app))
    assert len(asked) > 10
    for method, path in asked:
        answer = client.open(path, method=method, data={"csrf": "x"} if method == "POST" else None)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["Location"].startswith("/admin/login"), (method, path)


def test_no_write_of_the_desk_is_done_without_its_forms_token(app, client, log_in, site):
    log_in()
    for forged in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
        for method, path in addresses(app):
            if method == "POST":
                answer = client.post(path, data={**forged, "origin": "https://evil.example"})
                assert answer.status_code == 400, path
    assert client.get("/admin/").status_code == 200, "still logged in"
    with app.app_context():
        assert [known.key for known in directory.every()] == ["blog.example"]


def test_no_write_of_the_desk_is_taken_from_another_site(app, client, log_in):
    log_in()
    token = sessions.form_token(client.get_cookie("afterword").value)
    everywhere = [*addresses(app), *(("POST", f"/admin/{p}") for p in ("login", "setup"))]
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        for method, path in everywhere:
            if method == "POST":
                answer = client.post(path, data={"csrf": token}, headers=headers)
                assert answer.status_code == 403, path


def test_a_desk_without_moderator_leads_to_its_set_up(client):
    assert client.get("/admin/").headers["Location"] == "/admin/setup"
    assert client.get("/admin/login").headers["Location"] == "/admin/setup"
    assert client.get("/admin/setup").status_code == 200


def test_set_up_speaks_of_a_second_step_only_where_there_is_one(client, request):
    assert "Step 1 of 2" in client.get("/admin/setup").text
    request.getfixturevalue("site")
    assert "Step 1" not in client.get("/admin/setup").text


def test_set_up_makes_the_moderator_logs_in_and_asks_for_the_blog(app, client):
    with app.app_context():
        token = moderators.set_up_token()
    said = {"token": token, "email": EMAIL, "password": PASSWORD, "name": "Hanna"}
    answer = client.post("/admin/setup", data=said)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/sites/first"
    assert "hold-first" in client.get("/admin/sites/first").text
    again = client.post("/admin/setup", data={**said, "email": "eve@blog.example"})
    assert again.headers["Location"] == "/admin/login"
    with app.app_context():
        assert [one.email for one in moderators.every()] == [EMAIL]


def test_the_step_for_the_blog_is_left_out_where_there_is_one(app, client, site):
    with app.app_context():
        token = moderators.set_up_token()
    said = {"token": token, "email": EMAIL, "password": PASSWORD}
    assert client.post("/admin/setup", data=said).headers["Location"] == "/admin/"
    assert client.get("/admin/sites/first").headers["Location"] == "/admin/sites"


@pytest.mark.parametrize("is_expired", [True, False])
def test_a_wrong_or_expired_token_sets_nothing_up_and_keeps_what_was_typed(app, client, is_expired):
    with app.app_context():
        token = moderators.set_up_token() if is_expired else "wrong"
        with transaction() as session:
            for held in session.query(PassToken):
                held.expires = clock.now() - dt.timedelta(seconds=1)
    said = {"token": token, "email": EMAIL, "password": PASSWORD, "name": "Hanna"}
    answer = client.post("/admin/setup", data=said)
    assert answer.status_code == 400
    assert f'value="{EMAIL}"' in answer.text
    assert PASSWORD not in answer.text
    assert not cookie(answer)
    with app.app_context():
        assert not moderators.exist()


def test_a_short_password_is_told_beside_its_field(app, client):
    with app.app_context():
        token = moderators.set_up_token()
    answer = client.post("/admin/setup", data={"token": token, "email": EMAIL, "password": "short"})
    assert answer.status_code == 400
    assert "A password has 10 to 200 characters." in answer.text
    again = client.post("/admin/setup", data={"token": token, "email": EMAIL, "password": PASSWORD})
    assert again.status_code == 303, "the token was not used up by the mistake"


def test_a_one_time_link_chooses_a_password_and_ends_other_sessions(app, client, log_in):
    log_in()
    elsewhere = app.test_client()
    with app.app_context():
        token = moderators.reset(EMAIL)
    answer = elsewhere.post("/admin/password", data={"token": token, "password": "another boat"})
    assert answer.headers["Location"] == "/admin/"
    assert elsewhere.get("/admin/").status_code == 200
    assert client.get("/admin/").status_code == 303
    again = app.test_client().post(
        "/admin/password", data={"token": token, "password": "yet another boat"}
    )
    assert again.status_code == 400


def test_a_wrong_log_in_says_one_sentence_and_keeps_the_address(log_in):
    unknown = log_in(email="nobody@blog.example")
    wrong = log_in(password="not the password")
    assert (unknown.status_code, wrong.status_code) == (400, 400)
    for answer in (unknown, wrong):
        assert "E-mail address or password is wrong." in answer.text
    assert f'value="{EMAIL}"' in wrong.text
    assert not cookie(wrong)


def test_the_cookie_is_for_this_host_and_for_no_script(log_in):
    said = cookie(log_in())
    assert said.startswith("afterword=")
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in said
    assert "Secure" not in said
    assert "Domain" not in said


class TestOnHttps:
    @pytest.fixture
    def told(self):
        return {
            "AFTERWORD_FORM_CHECKS": "off",
            "AFTERWORD_RATE_LIMITS": "off",
            "AFTERWORD_PUBLIC_URL": "https://comments.blog.example",
        }

    def test_the_cookie_is_bound_to_the_host_and_to_https(self, log_in):
        said = cookie(log_in())
        assert said.startswith("__Host-afterword=")
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert flag in said
        assert "Domain" not in said


class TestWithLimits:
    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off"}

    def test_guessing_a_password_is_slowed_down(self, log_in):
        answers = [log_in(password="not the password") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [400] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert f'value="{EMAIL}"' in answers[-1].text
        assert log_in().status_code == 429, "not even with the right one"


def test_a_log_in_starts_a_new_session_and_ends_the_one_before(app, client, log_in):
    log_in()
    first = client.get_cookie("afterword").value
    log_in()
    second = client.get_cookie("afterword").value
    assert first != second
    with app.app_context():
        assert db.session.get(Session, signing.digest(first)) is None


def test_a_token_that_somebody_planted_never_becomes_a_session(client, log_in):
    client.set_cookie("afterword", "planted")
    log_in()
    assert client.get_cookie("afterword").value != "planted"


def test_logging_out_ends_the_session_here_and_in_the_browser(client, log_in):
    log_in()
    token = client.get_cookie("afterword").value
    answer = client.post("/admin/logout", data={"csrf": sessions.form_token(token)})
    assert answer.headers["Location"] == "/admin/login"
    assert client.get_cookie("afterword") is None
    client.set_cookie("afterword", token)
    assert client.get("/admin/").status_code == 303


def test_after_the_log_in_one_goes_where_one_wanted_to(client, log_in):
    asked = client.get("/admin/?state=spam&sort=oldest")
    assert asked.headers["Location"] == "/admin/login?next=/admin/?state%3Dspam%26sort%3Doldest"
    assert 'value="/admin/?state=spam&amp;sort=oldest"' in client.get(asked.location).text
    there = log_in(next="/admin/?state=spam&sort=oldest")
    assert there.headers["Location"] == "/admin/?state=spam&sort=oldest"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/admin/",
        "/\\evil.example",
        "/admin/\\evil.example",
        "/admin/\r\nX: y",
        "/adminevil",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_log_in_leads_nowhere_but_into_the_desk(log_in, path):
    assert log_in(next=path).headers["Location"] == "/admin/"


def test_a_text_written_in_a_session_that_has_ended_is_given_back(app, client, log_in, site):
    with app.app_context():
        comment = make.comment(make.page(site))
        path = f"/admin/comments/{comment.id}/reply"
    log_in()
    client.delete_cookie("afterword")
    answer = client.post(path, data={"csrf": "x", "text": "<b>A long reply", "back": path})
    assert answer.status_code == 403
    assert "readonly" in answer.text
    assert "&lt;b&gt;A long reply</textarea>" in answer.text
    assert f'name="next" value="{path}"' in answer.text


@pytest.mark.parametrize(
    ("path", "fields", "kept"),
    [
        ("sites/1/configuration", {"configuration": '{"a": 1}'}, "{&#34;a&#34;: 1}"),
        (
            "sites/1/options",
            {"name": "My blog", "refused_words": "casino\nwatches"},
            "casino\nwatches",
        ),
        ("comments/1/remarks", {"remark": "Dilek's sister"}, "Dilek&#39;s sister"),
    ],
)
@pytest.mark.parametrize("has_session", [False, True])
def test_what_was_written_at_length_is_given_back_and_no_secret(
    client, log_in, path, fields, kept, has_session
):
    log_in()
    if not has_session:
        client.delete_cookie("afterword")
    answer = client.post(f"/admin/{path}", data={"csrf": "old", "hook_secret": "s3cret", **fields})
    assert f"{kept}</textarea>" in answer.text.replace("\r", "")
    assert "s3cret" not in answer.text
    assert "My blog" not in answer.text


def test_a_text_in_a_form_of_an_earlier_session_is_given_back(app, client, log_in, site):
    with app.app_context():
        comment = make.comment(make.page(site))
    log_in()
    answer = client.post(
        f"/admin/comments/{comment.id}/edit", data={"csrf": "old", "text": "New words"}
    )
    assert answer.status_code == 400
    assert "New words</textarea>" in answer.text
    with app.app_context():
        assert db.session.get(type(comment), comment.id).text == "Hello."


def test_the_desk_allows_no_inline_script_and_no_cache(client, log_in):
    log_in()
    answer = client.get("/admin/")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
