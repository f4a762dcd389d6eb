"""Akismet, for owners who have a key: what it is told, and what becomes of what it says."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from afterword.core import clock
from afterword.spam.checks.akismet import akismet
from afterword.spam.verdict import PASS, Level, Unanswered
from tests.far import answer
from tests.service.drafts import judged

KEY = "0123456789ab"
HOST = "rest.akismet.com"


def ask(**changed):
    return akismet(*judged(akismet_key=KEY, **{"address": "192.0.2.7", **changed}))


def fields(request):
    body = request.partition(b"\r\n\r\n")[2].decode()
    return {name: one for name, (one,) in parse_qs(body).items()}


@pytest.mark.parametrize("tip", ["", "discard"])
def test_what_it_takes_for_spam_waits_also_what_it_would_throw_away(internet, tip):
    internet.serve(HOST, answer(b"true", x_akismet_pro_tip=tip))
    verdict = ask()
    assert (verdict.level, verdict.reason) == (Level.HOLD, "Akismet takes it for spam.")
    assert verdict.suspicion > 0.5


def test_what_it_takes_for_good_passes(internet):
    internet.serve(HOST, answer(b"false"))
    assert ask() is PASS


def test_it_is_told_this_and_nothing_else(internet):
    far = internet.serve(HOST, answer(b"false"))
    now = clock.now()
    ask(
        now=now,
        url="https://blog.example/a?id=3&utm_source=x#more",
        text="Grüße & more",
        name="Ada",
        email="ada@x.example",
        website="https://ada.example/",
        agent="A browser",
    )
    head = far.requests[0].partition(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /1.1/comment-check HTTP/1.1\r\n")
    assert far.names == [HOST]
    assert KEY.encode() not in head, "the key is in the body, which nobody logs"
    assert fields(far.requests[0]) == {
        "api_key": KEY,
        "blog": "https://blog.example/",
        "blog_charset": "UTF-8",
        "user_ip": "192.0.2.7",
        "user_agent": "A browser",
        "permalink": "https://blog.example/a?id=3",
        "comment_type": "comment",
        "comment_author": "Ada",
        "comment_author_email": "ada@x.example",
        "comment_author_url": "https://ada.example/",
        "comment_content": "Grüße & more",
        "comment_date_gmt": clock.text(now),
    }


def test_replies_and_edits_are_told_as_such(internet):
    far = internet.serve(HOST, answer(b"false"))
    ask(parent="1m83j1k6af3r8", is_edit=True)
    told = fields(far.requests[0])
    assert (told["comment_type"], told["recheck_reason"]) == ("reply", "edit")


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"invalid", 200, "Akismet does not know the key"),
        (b"", 200, "Akismet answered 200, neither true nor false"),
        (b"true", 500, "Akismet answered 500, neither true nor false"),
        (b"true", 302, "Akismet answered 302, neither true nor false"),
        (b"<html>true</html>", 200, "Akismet answered 200, neither true nor false"),
    ],
)
def test_any_other_answer_is_none(internet, body, status, why):
    internet.serve(HOST, answer(body, status=status))
    with pytest.raises(Unanswered, match=f"^{why}$"):
        ask()


def test_nobody_there_is_no_answer(internet):
    internet.lead(HOST, ["10.0.0.1"])
    with pytest.raises(Unanswered, match="not on the Internet"):
        ask()


def test_what_came_over_no_network_is_not_asked_about(internet):
    assert ask(address=None) is PASS
    assert internet.resolved == []
