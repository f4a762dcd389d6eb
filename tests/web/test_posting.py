"""Posting through the API: what is stored, what is answered, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from afterword.core.db import db
from afterword.sites import changes
from afterword.threads.models import Comment, Page
from tests.conftest import BLOG, PAGE

KEY = "0123456789abcdef-one"
SECRET = "s" * 43


def stored(app) -> int:
    with app.app_context():
        return db.session.query(Comment).count() + db.session.query(Page).count()


def test_a_comment_is_visible_at_once_and_in_the_thread(post, thread):
    answer = post("Good *morning*.")
    assert answer.status_code == 201
    comment = answer.json["comment"]
    assert comment["state"] == "visible"
    assert thread()["comments"][0]["id"] == comment["id"]
    assert thread()["comments"][0]["html"] == "<p>Good <em>morning</em>.</p>\n"
    assert thread()["page"]["count"] == 1


def test_the_thread_never_tells_an_email_a_token_or_the_source_text(post, client, site):
    post(author={"name": "Ada", "email": "ada@mail.example", "website": "ada.example"})
    text = client.get("/api/v1/thread", query_string={"url": PAGE}).text
    for secret in ("mail.example", "token", 'Good morning."', '"text"', '"email"'):
        assert secret not in text
    assert '"website":"https://ada.example/"' in text


def test_a_reply_hangs_below_its_parent(post, thread):
    parent = post().json["comment"]["id"]
    reply = post("And to you.", parent=parent).json["comment"]
    deeper = post("And you.", parent=reply["id"]).json["comment"]
    assert (reply["depth"], deeper["depth"]) == (1, 2)
    root = thread()["comments"][0]
    assert root["replies"][0]["id"] == reply["id"]
    assert root["replies"][0]["replies"][0]["id"] == deeper["id"]


def test_the_same_key_with_the_same_body_is_one_comment(post, thread):
    first = post(headers={"Idempotency-Key": KEY})
    again = post(headers={"Idempotency-Key": KEY})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["comment"]["id"] == again.json["comment"]["id"]
    assert thread()["page"]["count"] == 1


def test_the_token_is_repeated_only_to_its_owner(post):
    bearer = {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": KEY}
    assert post(headers=bearer).json["token"] == SECRET
    assert post(headers=bearer).json["token"] == SECRET
    assert post(headers={"Idempotency-Key": KEY}).json["token"] is None


@pytest.mark.parametrize(
    "changed",
    [{"text": "Another."}, {"url": PAGE + "-2"}, {"author": {"name": "Bob"}}, {"page": "x"}],
)
def test_the_same_key_with_another_body_is_refused(post, changed):
    first = post(headers={"Idempotency-Key": KEY})
    answer = post(headers={"Idempotency-Key": KEY}, **changed)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_mismatch")
    assert answer.json["comment"] == first.json["comment"]["id"]


def test_a_short_key_is_refused(post):
    answer = post(headers={"Idempotency-Key": "short"})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_a_page_of_another_site_may_not_write(post, app):
    answer = post(headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "afterword sites add https://evil.example" in answer.json["detail"]
    assert stored(app) == 0


@pytest.mark.parametrize(
    "origin", ["null", "", "javascript:1", "https://blog.example.evil.example"]
)
def test_an_origin_that_is_none_may_not_write(post, origin):
    answer = post(headers={"Origin": origin})
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")


def test_where_the_site_says_so_only_pages_by_https_may_write(post, client, site, app):
    with app.app_context():
        changes.choose(site.id, {"https_only": "yes"})
    answer = post(headers={"Origin": "http://blog.example"})
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")
    assert "Open it by https" in answer.json["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert post(headers={"Origin": "https://BLOG.example"}).status_code == 201


def test_http_and_https_of_an_origin_count_alike(post):
    assert post(headers={"Origin": "http://blog.example"}).status_code == 201


def test_a_page_of_no_site_is_unknown(post):
    answer = post(url="https://other.example/x")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_site")
    assert "afterword sites add https://other.example" in answer.json["detail"]


def test_a_closed_page_takes_no_comment(post, app):
    post()
    with app.app_context():
        db.session.query(Page).update({"is_open": False})
        db.session.commit()
    answer = post()
    assert (answer.status_code, answer.json["code"]) == (403, "closed")


def test_a_parent_on_another_page_is_refused(post):
    parent = post(url=PAGE + "-2").json["comment"]["id"]
    post()
    answer = post(parent=parent)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_parent")


BAD_BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("empty text", {"text": ""}, "empty"),
    ("blank text", {"text": " \n\t "}, "empty"),
    ("text of 8,193 characters", {"text": "word " * 1638 + "abc"}, "too_long"),
    ("text over the site's limit", {"text": "word " * 1001}, "too_long"),
    ("text that is a number", {"text": 5}, "bad_request"),
    ("text that is a list", {"text": ["a"]}, "bad_request"),
    ("no text", {"text": None}, "empty"),
    ("a lone surrogate", {"text": "a\ud800b"}, "bad_request"),
    ("NUL", {"text": "a\x00b"}, "bad_request"),
    ("a surrogate in the name", {"author": {"name": "\udfff"}}, "bad_request"),
    ("an author that is text", {"author": "Ada"}, "bad_request"),
    ("an author that is a list", {"author": ["Ada"]}, "bad_request"),
    ("no name", {"author": {}}, "bad_name"),
    ("a name of spaces", {"author": {"name": " \u200b "}}, "bad_name"),
    ("a name of 61 characters", {"author": {"name": "a" * 61}}, "bad_name"),
    ("two e-mails", {"author": {"name": "A", "email": "a@b.example,c@d.example"}}, "bad_email"),
    ("a line end", {"author": {"name": "A", "email": "a@b.example\nBcc: c"}}, "bad_email"),
    ("a script", {"author": {"name": "A", "website": "javascript:alert(1)"}}, "bad_website"),
    ("a // website", {"author": {"name": "A", "website": "//evil.example"}}, "bad_website"),
    ("a javascript: page", {"url": "javascript:alert(1)"}, "bad_url"),
    ("a // page", {"url": "//blog.example/x"}, "bad_url"),
    ("no page", {"url": None}, "bad_url"),
    ("a page of 5,000 characters", {"url": PAGE + "x" * 5000}, "bad_url"),
    ("a page id of 201 characters", {"page": "x" * 201}, "bad_url"),
    ("a parent of 2**63", {"parent": str(2**63)}, "bad_parent"),
    ("a parent that is a number", {"parent": 2**63}, "bad_request"),
    ("a parent that is no id", {"parent": "../../x"}, "bad_parent"),
    ("a form token that is a number", {"form": 1}, "bad_request"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"), [b[1:] for b in BAD_BODIES], ids=[b[0] for b in BAD_BODIES]
)
def test_a_bad_comment_is_refused_with_a_stable_code_and_not_stored(post, app, changed, code):
    answer = post(**changed)
    assert 400 <= answer.status_code < 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == code
    assert answer.json["detail"]
    assert stored(app) == 0


RAW = [
    ("no JSON", b"{"),
    ("nothing", b""),
    ("a number", b"1"),
    ("a list", b"[]"),
    ("null", b"null"),
    ("bad UTF-8", b'{"text": "\xff"}'),
    ("UTF-16", '{"text": "a"}'.encode("utf-16")),
    ("nesting of 7,000", b'{"text":' * 7_000),
    ("nested lists", b"[" * 60_000),
    ("a number of 60,000 digits", b'{"text": ' + b"9" * 60_000 + b"}"),
    ("NaN", b'{"text": NaN}'),
    ("Infinity", b'{"text": 1e999}'),
]


@pytest.mark.parametrize("raw", [r[1] for r in RAW], ids=[r[0] for r in RAW])
def test_a_body_that_is_no_json_object_is_refused(client, site, app, raw):
    answer = client.post(
        "/api/v1/comments", data=raw, content_type="application/json", headers={"Origin": BLOG}
    )
    assert (answer.status_code, answer.json["code"]) in {(400, "bad_request"), (400, "bad_url")}
    assert stored(app) == 0


def test_a_body_over_64_kb_is_refused_unread(client, site):
    raw = json.dumps({"url": PAGE, "text": "x" * 66_000}).encode()
    answer = client.post(
        "/api/v1/comments", data=raw, content_type="application/json", headers={"Origin": BLOG}
    )
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_another_type_is_refused(client, site, kind):
    answer = client.post(
        "/api/v1/comments", data=b"{}", content_type=kind, headers={"Origin": BLOG}
    )
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize("policy", ["hold-all", "hold-first"])
def test_a_comment_that_waits_is_answered_202_and_shown_to_nobody_else(
    post, thread, client, app, site, policy
):
    with app.app_context():
        changes.choose(site.id, {"policy": policy})
    bearer = {"Authorization": f"Bearer {SECRET}"}
    answer = post(headers=bearer)
    assert (answer.status_code, answer.json["comment"]["state"]) == (202, "pending")
    assert thread()["comments"] == []
    own = client.get("/api/v1/me/comments", query_string={"url": PAGE}, headers=bearer).json
    assert [comment["id"] for comment in own["comments"]] == [answer.json["comment"]["id"]]
    assert own["comments"][0]["text"] == "Good morning."
    nobody = client.get("/api/v1/me/comments", query_string={"url": PAGE}).json
    assert nobody == {"comments": [], "votes": {}, "reactions": {}}


def test_hold_first_lets_an_approved_author_pass_but_not_a_namesake(post, app, site):
    from afterword.moderation import actions

    with app.app_context():
        changes.choose(site.id, {"policy": "hold-first"})
    bearer = {"Authorization": f"Bearer {SECRET}"}
    first = post(headers=bearer).json["comment"]["id"]
    assert post(headers=bearer).status_code == 202
    with app.app_context():
        actions.approve([first], by="test")
    assert post(headers=bearer).status_code == 201
    assert post().status_code == 202


@pytest.mark.parametrize("policy", ["publish", "hold-links"])
def test_what_appears_unseen_makes_nobody_known(post, app, site, policy):
    from afterword.moderation import actions

    with app.app_context():
        changes.choose(site.id, {"policy": policy})
    bearer = {"Authorization": f"Bearer {SECRET}"}
    assert post("Nice!", headers=bearer).status_code == 201
    hides = (
        "I keep the notes of our club there, with pictures of last summer: http://192.0.2.7/notes"
    )
    held = post(hides, headers=bearer)
    assert held.status_code == 202
    with app.app_context():
        actions.approve([held.json["comment"]["id"]], by="test")
    assert post(hides, headers=bearer).status_code == 201


def test_an_approval_that_was_taken_back_makes_nobody_known(post, app, site):
    from afterword.moderation.models import Act

    bearer = {"Authorization": f"Bearer {SECRET}"}
    first = post("Nice!", headers=bearer).json["comment"]["id"]

    def note(*verbs):
        """What is noted of a comment that was reported, and stays visible."""
        with app.app_context():
            for verb in verbs:
                db.session.add(Act(site_id=site.id, comment_id=first, verb=verb, by="test"))
                db.session.flush()
            db.session.commit()

    with app.app_context():
        changes.choose(site.id, {"policy": "hold-first"})
    note("approve", "undo")
    assert post("Nice again.", headers=bearer).status_code == 202
    note("approve", "remove", "undo")
    assert post("And again.", headers=bearer).status_code == 201


def test_reading_and_refused_writing_make_no_row(client, post, app):
    client.get("/api/v1/thread", query_string={"url": PAGE})
    client.get("/api/v1/form", query_string={"url": PAGE})
    client.get("/api/v1/counts", query_string={"url": PAGE})
    client.get("/thread", query_string={"url": PAGE})
    post(text="")
    assert stored(app) == 0


def test_a_preview_is_rendered_and_not_stored(client, site, app):
    answer = client.post("/api/v1/preview", json={"text": "**a**"}, headers={"Origin": BLOG})
    assert answer.json == {"html": "<p><strong>a</strong></p>\n"}
    assert stored(app) == 0


def test_a_preflight_allows_the_sites_own_pages(client, site):
    answer = client.options("/api/v1/comments", headers={"Origin": BLOG})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == BLOG
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "changed", [{"author": {"name": "Ada", "email": "no"}}, {"text": " "}, {"text": "x" * 99_999}]
)
def test_a_page_of_the_site_may_read_why_it_is_refused(post, changed):
    answer = post(**changed)
    assert answer.status_code in {400, 413}
    assert answer.headers["Access-Control-Allow-Origin"] == BLOG


@pytest.mark.parametrize("origin", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}])
def test_a_preview_is_for_pages_of_a_site(client, site, origin):
    answer = client.post("/api/v1/preview", json={"text": "a"}, headers=origin)
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nope", 404), ("POST", "nope", 404), ("GET", "comments", 405), ("PUT", "thread", 405)],
)
def test_a_page_may_read_that_there_is_nothing_at_an_address(client, site, method, path, status):
    answer = client.open(f"/api/v1/{path}", method=method, headers={"Origin": BLOG})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == ("*" if method == "GET" else BLOG)
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_no_answer_sets_a_cookie(client, post):
    answers = [post(), post(text=""), client.get("/api/v1/thread?url=" + PAGE)]
    answers += [client.get("/thread?url=" + PAGE), client.get("/embed.js"), client.get("/nowhere")]
    assert not any("Set-Cookie" in answer.headers for answer in answers)
