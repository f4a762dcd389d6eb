"""A hub is told what is new in feeds, in one go for a burst, and only where a site names one."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest

from afterword.core import clock
from afterword.core.db import db
from afterword.jobs import queue, worker
from afterword.jobs.models import Job
from afterword.moderation import actions
from afterword.sites import changes
from tests.conftest import PAGE
from tests.far import answer

pytestmark = pytest.mark.slow

HUB = "https://hub.example/"
SITE = "blog.example"
LINK = "{http://www.w3.org/2005/Atom}link"
OF_PAGE = {"url": PAGE}


@pytest.fixture
def hub(app, site, internet):
    """The server of the hub that the site has chosen."""
    with app.app_context():
        changes.choose(site.id, {"websub_hub": HUB})
    return internet.serve("hub.example", answer(status=202))


@pytest.fixture
def work(app, monkeypatch):
    """Do what is due a minute from now."""

    def do():
        later = clock.now() + dt.timedelta(minutes=1)
        with app.app_context(), monkeypatch.context() as patched:
            patched.setattr(clock, "now", lambda: later)
            while worker.do_next():
                pass

    return do


def told(server):
    """What the hub was told."""
    bodies = [request.partition(b"\r\n\r\n")[2].decode() for request in server.requests]
    return [parse_qs(body) for body in bodies]


def test_a_feed_names_the_hub_and_itself(hub, post, client):
    post()
    answered = client.get("/feeds/page.atom", query_string=OF_PAGE)
    links = {one.get("rel"): one.get("href") for one in ET.fromstring(answered.data).iter(LINK)}
    assert links["hub"] == HUB
    assert answered.headers["Link"] == f'<{HUB}>; rel="hub", <{links["self"]}>; rel="self"'
    said = json.loads(client.get("/feeds/page.json", query_string=OF_PAGE).data)
    assert said["hubs"] == [{"type": "WebSub", "url": HUB}]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("https://blög.example", "https://xn--blg-tna.example/"),
        ('https://hub.example/a>b?of="x>', "https://hub.example/a%3Eb?of=%22x%3E"),
        ("HTTPS://HUB.example:443/tell#now", "https://hub.example/tell"),
        ("https://hub.example/?utm_source=x", "https://hub.example/?utm_source=x"),
    ],
)
def test_a_hub_is_named_in_a_way_that_a_header_may_have(app, site, client, typed, named):
    with app.app_context():
        changes.choose(site.id, {"websub_hub": typed})
    answered = client.get("/feeds/page.atom", query_string=OF_PAGE)
    assert answered.headers["Link"].startswith(f'<{named}>; rel="hub", <')
    links = {one.get("rel"): one.get("href") for one in ET.fromstring(answered.data).iter(LINK)}
    assert links["hub"] == named


def test_no_cache_answers_the_hub_with_what_was(hub, post, client):
    post()
    for path, query in (("/feeds/page.atom", OF_PAGE), ("/feeds/site.json", {"site": SITE})):
        answered = client.get(path, query_string=query)
        assert answered.headers["Cache-Control"] == "public, no-cache"


def test_without_a_hub_feeds_name_none_and_nobody_is_told(app, post, client):
    post()
    answered = client.get("/feeds/page.atom", query_string=OF_PAGE)
    assert "Link" not in answered.headers
    assert b"hub" not in answered.data
    assert b"hubs" not in client.get("/feeds/page.json", query_string=OF_PAGE).data
    with app.app_context():
        assert queue.totals() == (0, 0)


def test_a_comment_that_appears_is_told_under_the_addresses_that_the_feeds_have(
    hub, post, client, work
):
    post()
    work()
    asked = (("/feeds/page.{}", OF_PAGE), ("/feeds/site.{}", {"site": SITE}))
    own = [
        client.get(path.format(form), query_string=query)
        .headers["Link"]
        .split("<")[2]
        .split(">")[0]
        for path, query in asked
        for form in ("atom", "json")
    ]
    assert told(hub) == [{"hub.mode": ["publish"], "hub.url": [one]} for one in own]


def test_a_page_has_one_feed_however_it_is_asked_for(hub, post, client):
    post()
    plain = client.get("/feeds/page.atom", query_string=OF_PAGE)
    other = client.get("/feeds/page.atom", query_string={"url": f"{PAGE}/?utm_source=x"})
    assert other.headers["Link"] == plain.headers["Link"]
    assert other.data == plain.data


def test_a_burst_on_a_page_is_told_once_and_each_page_for_itself(hub, post, work):
    for number in range(5):
        post(f"Number {number}")
    post("Elsewhere.", url=f"{PAGE}-2")
    work()
    assert len(told(hub)) == 2 * 4
    post("Later.")
    work()
    assert len(told(hub)) == 3 * 4


def test_what_waits_is_not_told_and_what_goes_is(app, site, hub, post, work):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    held = post().json["comment"]["id"]
    work()
    assert told(hub) == []
    with app.app_context():
        actions.approve([held], by="test")
    work()
    assert len(told(hub)) == 4
    with app.app_context():
        actions.remove([held], by="test")
    work()
    assert len(told(hub)) == 8


def test_a_hub_that_is_down_is_told_later(app, hub, post, work):
    hub.respond = answer(status=503)
    post()
    work()
    with app.app_context():
        (job,) = queue.waiting()
        assert job.fault == "The hub of the feeds answered 503."
        hub.respond = answer(status=204)
        db.session.execute(db.update(Job).values(due=clock.now()))
        db.session.commit()
    work()
    assert len(told(hub)) == 1 + 4


def test_a_hub_on_the_inside_is_not_asked(app, site, post, work):
    with app.app_context():
        changes.choose(site.id, {"websub_hub": "http://127.0.0.1:9/"})
    post()
    work()
    with app.app_context():
        assert "cannot be reached" in queue.waiting()[0].fault
