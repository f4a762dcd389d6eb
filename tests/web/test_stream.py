"""Whoever reads a page is told what happens on it, in order, once, and by whichever process."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

import pytest

from afterword.moderation import actions
from tests import running
from tests.conftest import BLOG, PAGE
from tests.running import Service

pytestmark = pytest.mark.slow

AWHILE = 20  # seconds until a test that waits gives up


class Stream:
    """An open stream as a browser reads it."""

    def __init__(self, service: Service, path: str, **headers: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=AWHILE)
        self._connection.request("GET", path, headers=headers)
        self.answer = self._connection.getresponse()

    def next(self) -> tuple[str, dict, str | None]:
        """The next event: its name, its data, its id."""
        fields: dict[str, str] = {}
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                return fields["event"], json.loads(fields["data"]), fields.get("id")
            else:
                fields = {}
        raise EOFError

    def until_count(self) -> list[tuple[str, dict]]:
        """The events up to the one that says how many comments there are now."""
        told = []
        while not told or told[-1][0] != "count":
            name, data, _ = self.next()
            told.append((name, data))
        return told

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@contextmanager
def opened(service: Service, path: str, **headers: str) -> Iterator[Stream]:
    stream = Stream(service, path, **headers)
    try:
        yield stream
    finally:
        stream.close()


def of_page(page: str = PAGE, more: str = "") -> str:
    return f"/api/v1/stream?url={quote(page, safe='')}{more}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def service(request, tmp_path):
    told = {"form_checks": "off", "rate_limits": "off"}
    if request.param == "postgresql":
        told["database_url"] = request.getfixturevalue("postgresql")
    data = tmp_path / "data"
    assert running.command(data, "sites", "add", BLOG, **told).returncode == 0
    with running.serving(data, **told) as service:
        service.told = told
        yield service


def call(service, method, path, body=None, token=None):
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=AWHILE)
    headers = {"Origin": BLOG, "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    assert answer.status < 300, read
    return json.loads(read) if read else None


def say(service, text, **more):
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **more}
    return call(service, "POST", "/api/v1/comments", body)


def test_readers_are_told_of_what_comes_changes_and_goes(service):
    with opened(service, of_page()) as reader, opened(service, of_page()) as other:
        assert reader.answer.status == 200
        assert reader.answer.headers["Content-Type"].startswith("text/event-stream")
        assert reader.answer.headers["Cache-Control"] == "no-store"
        assert reader.answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Afterword-Follow" not in reader.answer.headers
        first = say(service, "One.")
        comment_id, token = first["comment"]["id"], first["token"]
        for stream in (reader, other):
            told = stream.until_count()
            assert [name for name, _ in told] == ["comment", "count"]
            assert told[0][1]["comment"]["html"] == "<p>One.</p>\n"
            assert "email" not in json.dumps(told)
            assert told[1][1]["count"] == 1
        call(service, "PUT", f"/api/v1/comments/{comment_id}/vote", {"value": 1}, token="v" * 43)
        [(name, data), _] = reader.until_count()
        assert (name, data["comment"]["up"]) == ("update", 1)
        call(service, "PATCH", f"/api/v1/comments/{comment_id}", {"text": "Two."}, token=token)
        [(name, data), _] = reader.until_count()
        assert (name, data["comment"]["html"]) == ("update", "<p>Two.</p>\n")
        call(service, "DELETE", f"/api/v1/comments/{comment_id}", token=token)
        assert reader.until_count()[0] == ("remove", {"id": comment_id})


def test_a_removed_comment_with_answers_is_told_as_its_tombstone(service):
    root = say(service, "Root.")
    say(service, "Answer.", parent=root["comment"]["id"])
    with opened(service, of_page()) as reader:
        call(service, "DELETE", f"/api/v1/comments/{root['comment']['id']}", token=root["token"])
        [(name, data), (_, count)] = reader.until_count()
        assert (name, data["comment"]["state"], data["comment"]["author"]) == (
            "update", "removed", None,
        )  # fmt: skip
        assert count["count"] == 1


def test_a_reader_who_was_cut_off_is_told_what_was_missed_and_no_more(service):
    with opened(service, of_page()) as reader:
        say(service, "Seen.")
        reader.next()
        _, _, last = reader.next()
    say(service, "Missed.")
    say(service, "Missed too.")
    with opened(service, of_page(), **{"Last-Event-ID": last}) as again:
        told = again.until_count()
        assert [data["comment"]["html"] for name, data in told if name == "comment"] == [
            "<p>Missed.</p>\n",
            "<p>Missed too.</p>\n",
        ]
        say(service, "Now.")
        assert again.until_count()[0][1]["comment"]["html"] == "<p>Now.</p>\n"
    known = call(service, "GET", f"/api/v1/thread?url={quote(PAGE, safe='')}")["page"]["version"]
    with opened(service, of_page(more=f"&since={known}")) as up_to_date:
        say(service, "Later.")
        assert up_to_date.until_count()[0][1]["comment"]["html"] == "<p>Later.</p>\n"


def test_who_is_cut_off_between_two_events_is_told_those_that_were_to_come(client, post):
    for text in ("One.", "Two.", "Three."):
        post(text)
    (first, data), *_ = told_since(client, 0)
    assert data["comment"]["html"] == "<p>One.</p>\n"
    *comments, (last, count) = told_since(client, first)
    assert [data["comment"]["html"] for _, data in comments] == ["<p>Two.</p>\n", "<p>Three.</p>\n"]
    assert count["count"] == 3
    assert told_since(client, last) == []


def test_of_what_changed_at_once_all_is_told_again_until_all_of_it_was_told(client, post, app):
    ids = [post(text).json["comment"]["id"] for text in ("One.", "Two.", "Three.")]
    last, _ = told_since(client, 0)[-1]
    with app.app_context():
        actions.remove(ids, by="test")
    *gone, _ = told_since(client, last)
    assert {data["id"] for _, data in gone} == set(ids)
    for number, (mark, _) in enumerate(gone, start=1):
        to_come = [one for one in gone[number:] if one not in told_since(client, mark)]
        assert to_come == []


def told_since(client, version):
    """The events of the page since a version: the id and the data of each."""
    answer = client.get("/api/v1/stream", query_string={"url": PAGE, "since": version})
    events = re.findall(r"^id: (\d+)\nevent: \w+\ndata: (.*)$", answer.text, re.MULTILINE)
    return [(int(mark), json.loads(data)) for mark, data in events]


def test_what_a_command_decides_is_told_as_well(service):
    posted = say(service, "One.")
    with opened(service, of_page()) as reader:
        done = running.command(
            service.data, "comments", "remove", posted["comment"]["id"], **service.told
        )
        assert done.returncode == 0, done.stderr
        assert reader.until_count()[0] == ("remove", {"id": posted["comment"]["id"]})


def test_of_very_much_only_the_count_is_told(service):
    with opened(service, of_page()) as reader:
        say(service, "One.")
        reader.until_count()
    for number in range(101):
        say(service, f"Number {number}.")
    with opened(service, of_page(), **{"Last-Event-ID": "1"}) as again:
        told = {"count": 102, "version": 102, "all": False}
        assert again.until_count() == [("count", told)]


def test_other_pages_are_not_told(service):
    with opened(service, of_page(PAGE + "-2")) as other, opened(service, of_page()) as reader:
        say(service, "One.")
        reader.until_count()
        say(service, "Two.", url=PAGE + "-2")
        assert other.until_count()[0][1]["comment"]["html"] == "<p>Two.</p>\n"


def test_waiting_comments_are_told_to_nobody(service):
    running.command(service.data, "sites", "set", BLOG, "policy=hold-all", **service.told)
    until = time.monotonic() + AWHILE
    while say(service, "Before.")["comment"]["state"] != "pending":
        assert time.monotonic() < until
    with opened(service, of_page()) as reader:
        assert say(service, "Waits.")["comment"]["state"] == "pending"
        running.command(service.data, "sites", "set", BLOG, "policy=publish", **service.told)
        while say(service, "Shown.")["comment"]["state"] != "visible":
            assert time.monotonic() < until
        told = reader.until_count()
        assert [d["comment"]["html"] for n, d in told if n == "comment"][-1] == "<p>Shown.</p>\n"
        assert "Waits." not in json.dumps(told)


def test_streams_end_at_once_when_the_service_stops(service):
    with opened(service, of_page()) as reader:
        say(service, "One.")
        reader.until_count()
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 5  # not the patience that requests in flight are given
        with pytest.raises(EOFError):
            reader.next()


def test_who_opens_too_many_is_told_to_ask_later(tmp_path):
    data = tmp_path / "data"
    running.command(data, "sites", "add", BLOG)
    with running.serving(data, streams="1") as service:
        with opened(service, of_page()), opened(service, of_page()) as second:
            assert second.answer.status == 429
            assert second.answer.headers["Retry-After"] == "60"
            assert json.loads(second.answer.read())["code"] == "rate_limited"
        until = time.monotonic() + AWHILE
        status = 429
        while status == 429 and time.monotonic() < until:  # the place is free once its end is seen
            with opened(service, of_page()) as third:
                status = third.answer.status
        assert status == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "bad_url"), ("url=nonsense", "bad_url"), ("url=https://no.example/a", "unknown_site")],
)
def test_a_stream_of_no_page_is_refused(client, site, query, code):
    answer = client.get("/api/v1/stream", query_string=query)
    assert answer.status_code in {400, 404, 422}
    assert answer.get_json()["code"] == code


@pytest.mark.parametrize("last", ["", "x", "-1", "9" * 30, "٣"])
def test_an_id_that_is_none_of_ours_starts_from_now(client, post, last):
    post("One.")
    answer = client.get(
        "/api/v1/stream", query_string={"url": PAGE, "since": last}, headers={"Accept": "*/*"}
    )
    assert re.fullmatch(rb"retry: \d+\n\n", answer.data)


def test_without_a_front_the_same_is_told_and_the_browser_asks_again(client, post):
    post("One.")
    answer = client.get("/api/v1/stream", query_string={"url": PAGE, "since": "0"})
    assert re.match(rb"retry: \d+\n\nid: 1\nevent: comment\ndata: ", answer.data)
    assert b"event: count" in answer.data
    assert "Afterword-Follow" not in answer.headers


def test_a_version_from_before_a_copy_was_put_back_asks_for_the_thread_anew(client, post):
    post("One.")
    answer = client.get("/api/v1/stream", query_string={"url": PAGE, "since": "900"})
    assert b"event: comment" not in answer.data
    assert b'data: {"count":1,"version":1,"all":false}' in answer.data


def test_not_all_come_back_in_the_same_moment(client, site):
    waits = {client.get("/api/v1/stream", query_string={"url": PAGE}).data for _ in range(20)}
    assert len(waits) > 10
