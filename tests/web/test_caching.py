"""Conditional and shared caching of reads, and the headers that every answer carries."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from sqlalchemy import func, select

from afterword.core.db import db
from afterword.sites import changes, directory
from afterword.threads import counts
from afterword.threads.models import Page
from tests.conftest import PAGE

THREAD = "/api/v1/thread"


@pytest.fixture
def get(client, site):
    def ask(**headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(THREAD, query_string={"url": PAGE}, headers=named)

    return ask


@pytest.mark.parametrize(
    ("accepted", "coding", "read"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("gzip;q=0", None, bytes),
        ("identity", None, bytes),
    ],
)
def test_a_thread_comes_in_the_coding_that_the_client_takes(get, post, accepted, coding, read):
    post()
    answer = get(Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == coding
    assert json.loads(read(answer.data))["page"]["count"] == 1
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_thread_that_did_not_change_is_304_without_a_body(get, post):
    post()
    for _ in range(2):  # the second time from kept headers
        first = get(Accept_Encoding="br")
        again = get(Accept_Encoding="br", If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Content-Type" not in again.headers


def test_each_coding_has_an_etag_of_its_own(get, post):
    post()
    tags = {get(Accept_Encoding=coding).headers["ETag"] for coding in ("br", "gzip", "identity")}
    assert len(tags) == 3
    assert all(tag.startswith('"') for tag in tags)


def test_the_first_and_the_hundredth_answer_have_the_same_headers(get, post):
    post()
    first, second, third = (dict(get(Accept_Encoding="br").headers) for _ in range(3))
    assert first == second == third


def test_a_new_comment_is_in_the_next_read(get, post):
    before = get().headers["ETag"]
    post()
    middle = get()
    post("Another.")
    after = get()
    assert len({before, middle.headers["ETag"], after.headers["ETag"]}) == 3
    assert after.get_json()["page"]["count"] == 2


def test_a_change_of_the_site_is_in_the_next_read(get, post, app, site):
    post()
    assert get().get_json()["site"]["max_length"] == 5000
    with app.app_context():
        changes.choose(site.id, {"max_length": "300"})
    assert get().get_json()["site"]["max_length"] == 300


def test_a_thread_may_be_kept_by_shared_caches_only_shortly(get, post):
    post()
    answer = get()
    caching = "public, max-age=0, s-maxage=10, stale-while-revalidate=30"
    assert answer.headers["Cache-Control"] == caching
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Origin" not in answer.headers["Vary"]


def test_all_spellings_of_a_page_share_one_thread(client, post, thread):
    post()
    spellings = (
        "https://blog.example/first-post/",
        "http://blog.example/first-post",
        "https://BLOG.example:443/first-post/index.html?utm_source=mail#comments",
        "https://blog.example/./first%2Dpost",
    )
    for before, url in enumerate(spellings, start=1):
        assert thread(url)["page"]["count"] == before, url
        assert post("Again.", url=url).status_code == 201
    assert thread()["page"]["count"] == 1 + len(spellings)


def test_a_page_id_names_a_page_whatever_its_address(post, thread):
    post(page="post-7", url="https://blog.example/old")
    assert thread("https://blog.example/new", page="post-7")["page"]["count"] == 1
    assert thread("https://blog.example/new", page="post-7")["page"]["key"] == "id:post-7"


def test_counts_of_many_pages_come_in_one_answer(client, post):
    post()
    post(url=PAGE + "-2")
    asked = [PAGE, PAGE + "/", PAGE + "-2", PAGE + "-3", "https://other.example/x", "nonsense"]
    counts = client.get("/api/v1/counts", query_string={"url": asked}).get_json()["counts"]
    assert list(counts.values()) == [1, 1, 1, 0, 0, 0]
    assert list(counts) == asked


def test_the_latest_comments_of_a_site_come_newest_first(client, post, app):
    first = post().json["comment"]["id"]
    second = post("Another.", url=PAGE + "-2", title="Two").json["comment"]["id"]
    answer = client.get("/api/v1/latest", query_string={"site": "blog.example", "limit": "2"})
    assert [comment["id"] for comment in answer.get_json()["comments"]] == [second, first]
    assert answer.get_json()["comments"][0]["page"] == {"url": PAGE + "-2", "title": "Two"}
    assert answer.headers["Cache-Control"].startswith("public")
    assert client.get("/api/v1/latest", query_string={"site": "none"}).status_code == 404


def test_the_rest_of_the_replies_may_be_kept_until_the_page_changes(client, post):
    root = post().json["comment"]["id"]
    path = f"/api/v1/comments/{root}/replies"
    etags = []
    for text in ("First.", "Second."):
        post(text, parent=root)
        answer = client.get(path, headers={"Accept-Encoding": "br"})
        etags.append(answer.headers["ETag"])
        assert text in brotli.decompress(answer.data).decode()
        assert answer.headers["Cache-Control"].startswith("public")
        held = {"Accept-Encoding": "br", "If-None-Match": answer.headers["ETag"]}
        assert client.get(path, headers=held).status_code == 304
    assert len(set(etags)) == 2
    assert client.get("/api/v1/comments/nothing/replies").status_code == 404


@pytest.mark.sqlite("PostgreSQL is looked at beside, and what is asked meanwhile is gathered anew")
def test_counts_and_the_latest_are_gathered_once_until_something_is_written(
    client, post, monkeypatch
):
    asked = []
    monkeypatch.setattr(counts, "of_pages", lambda places: asked.append(1) or dict.fromkeys(places))
    post()
    for _ in range(4):
        client.get("/api/v1/counts", query_string={"url": PAGE})
    assert len(asked) == 1
    post("Another.")
    client.get("/api/v1/counts", query_string={"url": PAGE})
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/thread", {"url": PAGE}),
        ("/api/v1/latest", {"site": "blog.example"}),
        ("/api/v1/counts", {"url": PAGE}),
        ("/thread", {"url": PAGE}),
    ],
)
def test_what_is_committed_while_a_read_is_under_way_is_in_the_next_one(
    app, client, post, monkeypatch, path, query
):
    post("First.")
    client.get(path, query_string=query)
    post("Second.")

    def begun(ask):
        """Let somebody post after this request began to read and before it looks further."""

        def asked(*words):
            found = ask(*words)
            monkeypatch.undo()
            db.session.scalar(select(func.count(Page.id)))
            with ThreadPoolExecutor(1) as elsewhere:
                assert elsewhere.submit(post, "Third.").result().status_code == 201
            return found

        return asked

    for name in ("generation", "of_url"):
        monkeypatch.setattr(directory, name, begun(getattr(directory, name)))
    client.get(path, query_string=query)
    said = client.get(path, query_string=query).text
    assert "Third." in said or f'{{"{PAGE}":3}}' in said


def test_more_than_a_hundred_pages_are_not_counted_at_once(client):
    asked = [f"{PAGE}-{n}" for n in range(101)]
    assert client.get("/api/v1/counts", query_string={"url": asked}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/api/v1/thread?url=" + PAGE, "/thread?url=" + PAGE, "/nowhere", "/healthz", "/embed.js"],
)
def test_every_answer_carries_the_headers_that_protect(client, site, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    if headers["Content-Type"].startswith("text/html"):
        assert headers["Permissions-Policy"]
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "bad_url"),
        ({"url": "https://blog.example/" + "x" * 5000}, "bad_url"),
        ({"url": PAGE, "sort": "random"}, "bad_request"),
        ({"url": PAGE, "after": "forged"}, "bad_request"),
        ({"url": PAGE, "limit": "many"}, "bad_request"),
        ({"url": "https://nobody.example/"}, "unknown_site"),
    ],
)
def test_a_read_that_makes_no_sense_is_a_problem_that_any_page_may_read(client, site, query, code):
    answer = client.get(THREAD, query_string=query)
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["code"] == code
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_address_of_the_api_is_a_problem_too(client):
    answer = client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert client.delete("/api/v1/thread").status_code == 405


@pytest.mark.parametrize("page", [{}, {"page": "post-7"}])
def test_an_empty_page_is_told_to_all_under_no_readers_spelling(client, site, page):
    other = "http://BLOG.example:443/never/index.html?utm_source=EVIL&x=EVIL#EVIL"
    told = [
        client.get(THREAD, query_string={"url": url, **page}).json["page"]["url"]
        for url in (other, "https://blog.example/never")
    ]
    assert told == ["https://blog.example/never"] * 2
