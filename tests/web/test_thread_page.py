"""The thread without JavaScript: read, post, reply, be told what went wrong."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from sqlalchemy import update

from afterword.core.db import db, transaction
from afterword.moderation import actions
from afterword.sites import changes
from afterword.threads.models import Comment, Page
from afterword.web.pages import thread as thread_page
from tests.conftest import PAGE

pytestmark = pytest.mark.slow


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off", "AFTERWORD_PUBLIC_URL": "https://comments.example"}


@pytest.fixture
def send(client, site, monkeypatch):
    """Fill in the form of the thread page and send it, as a browser does."""

    def fill(*, headers=None, reply=None, **typed):
        form = client.get("/thread", query_string={"url": PAGE, "reply": reply or ""}).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        fields = {**hidden, "text": "Good morning.", "name": "Ada", "email": "", "website": ""}
        own = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        return client.post("/thread", data={**fields, **typed}, headers=own)

    monkeypatch.setattr("afterword.spam.checks.form.MIN_SECONDS", 0)
    return fill


def test_a_comment_is_posted_and_the_reader_redirected_to_it(send, client):
    answer = send()
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "<p>Good morning.</p>" in page
    assert "1 comment" in page


def test_a_reply_is_posted_below_its_parent(send, client):
    parent = send().headers["Location"].rpartition("comment-")[2]
    answer = send(reply=parent, text="And to you.")
    page = client.get(answer.headers["Location"]).text
    assert re.search(r'<ol class="replies">.*And to you', page, re.DOTALL)


def test_sending_the_form_twice_posts_once(send, client):
    first = send(key="k" * 20)
    second = send(key="k" * 20)
    assert first.headers["Location"] == second.headers["Location"]
    assert "1 comment" in client.get("/thread", query_string={"url": PAGE}).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "write something"),
        ({"name": ""}, "Please write your name"),
        ({"email": "nonsense"}, "e-mail"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(send, typed, sentence):
    answer = send(**{"text": "Kept <words>.", "website": "kept.example", **typed})
    assert answer.status_code == 400
    alert = re.search(r'role="alert"[^>]*>([^<]*)<', answer.text)
    assert alert
    assert sentence.lower() in alert[1].lower()
    if "text" not in typed:
        assert "Kept &lt;words&gt;.</textarea>" in answer.text
    if "website" not in typed:
        assert 'value="kept.example"' in answer.text


@pytest.mark.parametrize("letter", ["я", "好", "😀"])
def test_the_longest_text_that_a_site_may_take_is_taken_in_every_script(
    send, client, app, site, letter
):
    with app.app_context():
        changes.choose(site.id, {"max_length": "8192"})
    answer = send(text=f"{letter} " * 4096 if letter == "😀" else letter * 8192)
    assert answer.status_code == 303


@pytest.mark.parametrize("letter", ["я", "好"])
def test_a_text_that_is_too_long_is_kept_in_every_script(send, letter):
    answer = send(text=letter * 12_000)
    assert answer.status_code == 400
    assert letter * 12_000 in answer.text


def test_a_form_beyond_256_kb_is_refused_unread(send):
    answer = send(text="x" * 300_000)
    assert answer.status_code == 413
    assert "256 kB" in answer.text


def test_a_comment_that_waits_is_announced(send, client, app, site):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    answer = send()
    assert answer.status_code == 303
    assert "waits for approval" in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_form_on_another_page_cannot_post(send, headers, client):
    assert send(headers=headers).status_code == 403
    assert "Nobody has commented" in client.get("/thread", query_string={"url": PAGE}).text


def test_an_older_browser_is_judged_by_its_origin(client, site):
    sent = {"url": PAGE, "text": "Hello.", "name": "Ada"}
    evil = client.post("/thread", data=sent, headers={"Origin": "https://evil.example"})
    own = client.post("/thread", data=sent, headers={"Origin": "https://comments.example"})
    assert (evil.status_code, own.status_code) == (403, 303)


def test_a_robot_that_fills_the_hidden_field_waits(send, client):
    answer = send(trap="x")
    assert "waits" in answer.headers["Location"]


def test_without_an_address_the_page_comes_from_the_referer(client, site):
    answer = client.get("/thread", headers={"Referer": PAGE})
    assert answer.status_code == 200
    assert PAGE in answer.text


def test_without_any_address_a_sentence_says_what_to_do(client, site):
    answer = client.get("/thread")
    assert answer.status_code == 400
    assert "go back to the page" in answer.text


def test_a_closed_page_shows_no_form(client, post, app, told):
    from afterword.core.db import db
    from afterword.threads.models import Page

    post()
    with app.app_context():
        db.session.query(Page).update({"is_open": False})
        db.session.commit()
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert "<form" not in page
    assert "Comments are closed" in page


def test_all_replies_of_a_long_conversation_can_be_reached(client, app, site):
    from tests import make

    with app.app_context():
        page = make.page(site)
        root = make.comment(page)
        replies = [make.comment(page, root, minute=n + 1).id for n in range(120)]
    seen, address = set(), "/thread?url=" + PAGE
    for _ in range(5):
        text = client.get(address).text
        seen |= set(re.findall(r'id="comment-(\w+)"', text))
        more = re.search(r'<a href="([^"]*)">More (?:replies|comments)</a>', text)
        if not more:
            break
        address = more[1].replace("&amp;", "&")
    assert seen == {root.id, *replies}


def test_comments_are_rendered_once_however_many_read_them(client, send, monkeypatch):
    rendered = []
    render = thread_page._render
    monkeypatch.setattr(
        thread_page, "_render", lambda asked, url: rendered.append(1) or render(asked, url)
    )
    send(text="One.")
    pages = [client.get("/thread", query_string={"url": PAGE}).text for _ in range(3)]
    assert all("<p>One.</p>" in page for page in pages)
    assert len(rendered) == 1
    tokens = {re.search(r'name="key" value="([^"]+)"', page)[1] for page in pages}
    assert len(tokens) == 3
    send(text="Two.")
    assert "<p>Two.</p>" in client.get("/thread", query_string={"url": PAGE}).text


@pytest.mark.parametrize(
    ("accepted", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)]
)
def test_the_page_comes_in_the_coding_that_the_browser_takes(client, send, accepted, unpack):
    send(text="One.")
    answer = client.get(
        "/thread", query_string={"url": PAGE}, headers={"Accept-Encoding": accepted}
    )
    assert "<p>One.</p>" in unpack(answer.data).decode()
    assert answer.vary.as_set() == {"accept-encoding", "accept-language"}
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_replies_are_shown_on_the_page_of_their_root_only(client, post, send):
    elsewhere = post("One.", url=PAGE + "-2").json["comment"]["id"]
    send(text="Two.")
    asked = {"url": PAGE, "of": elsewhere}
    assert client.get("/thread", query_string=asked).status_code == 404


def test_a_page_whose_only_comment_was_removed_says_that_nobody_commented(client, send, app):
    made = send(text="One.").headers["Location"].rpartition("comment-")[2]
    with app.app_context():
        actions.remove([made], by="test")
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert "Nobody has commented yet" in page
    assert "One." not in page


def test_comments_say_their_language_or_none_and_fields_their_hints(send, client, app):
    for said in ("Guten Tag.", "Hello."):
        send(text=said, name="Ada")
    with app.app_context(), transaction() as session:
        session.execute(update(Comment).where(Comment.text == "Guten Tag.").values(lang="de"))
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert re.findall(r'<div class="text" dir="auto" lang="(\w*)">', page) == ["de", ""]
    for name in ("text", "email"):
        assert f'aria-describedby="about-{name}"' in page
        assert f'id="about-{name}"' in page


HIDDEN = r'<input type="hidden" name="(\w+)" value="([^"]*)"'
OWN = {"Sec-Fetch-Site": "same-origin"}


def test_who_goes_back_and_writes_another_one_can_send_it(send, client):
    send(key="k" * 20)
    refused = send(key="k" * 20, text="Another one.")
    assert refused.status_code == 422
    fields = {**dict(re.findall(HIDDEN, refused.text)), "text": "Another one.", "name": "Ada"}
    assert client.post("/thread", data=fields, headers=OWN).status_code == 303
    assert "2 comments" in client.get("/thread", query_string={"url": PAGE}).text


def test_a_mistake_that_is_put_right_at_once_is_no_robots(send, client, monkeypatch):
    form = client.get("/thread", query_string={"url": PAGE}).text
    token = dict(re.findall(HIDDEN, form))["form"]
    refused = send(form=token, name="")
    assert dict(re.findall(HIDDEN, refused.text))["form"] == token
    # Somebody had left it open over night: that is not the same form any more.
    monkeypatch.setattr(thread_page, "SAME_FORM", 0.0)
    refused = send(form=token, name="")
    assert dict(re.findall(HIDDEN, refused.text))["form"] != token


def test_who_wrote_while_the_page_was_closed_is_told_and_keeps_the_text(send, client, app):
    hidden = dict(re.findall(HIDDEN, client.get("/thread", query_string={"url": PAGE}).text))
    send()
    with app.app_context(), transaction():
        db.session.execute(update(Page).values(is_open=False))
    fields = {**hidden, "text": "Kept <words>.", "name": "Ada"}
    answer = client.post("/thread", data=fields, headers=OWN)
    assert answer.status_code == 403
    assert re.findall(r'<p class="problem" role="alert">([^<]*)', answer.text) == [
        "Comments on this page are closed."
    ]
    assert re.search(r"<textarea[^>]*readonly>Kept &lt;words&gt;\.</textarea>", answer.text)


def test_where_only_those_write_who_have_signed_in_the_page_says_where(send, client, app, site):
    send()
    with app.app_context():
        changes.choose(site.id, {"sign_in": "required"})
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert "On this site only those write who have signed in." in page
    assert f'<a href="{PAGE}">Sign in on the page itself</a>' in page
    assert "<form" not in page
    assert "reply=" not in page
    with app.app_context(), transaction():
        db.session.execute(update(Page).values(is_open=False))
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert "Sign in on the page itself" not in page
    assert "Comments are closed" in page


def test_a_refusal_is_said_in_the_language_of_its_page(send, app, site):
    with app.app_context():
        changes.choose(site.id, {"language": "de"})
    answer = send(name="", headers={"Accept-Language": "fr"})
    assert '<html lang="de"' in answer.text
    assert "Bitte geben Sie Ihren Namen an." in answer.text
