"""What an open queue is told of what comes: of one's own sites alone, and only how much."""

from __future__ import annotations

import pytest

from afterword.identity import moderators
from afterword.moderation import queue
from afterword.sites import changes
from afterword.threads.models import State
from tests import desk, make
from tests.desk import PASSWORD

OWNER, ADA = "hanna@blog.example", "ada@blog.example"


@pytest.fixture
def two(app, site):
    """A page of either site, and who moderates all of them or the first alone."""
    with app.app_context():
        moderators.add(OWNER, password=PASSWORD)
        zoo = changes.add("https://zebra.example", name="Zebra club")
        moderators.add(ADA, password=PASSWORD, sites={site.id})
        pages = make.page(site), make.page(zoo, "https://zebra.example/stripes")
        for page in pages:
            make.comment(page, state=State.PENDING)
        newest = queue.newest(State.PENDING)
        make.comment(pages[0], minute=1, state=State.PENDING)
        make.comment(pages[1], minute=1, state=State.PENDING)
        make.comment(pages[1], minute=2, state=State.PENDING)
        make.comment(pages[1], minute=3, state=State.SPAM)
        return newest


@pytest.mark.parametrize(("email", "many"), [(OWNER, 3), (ADA, 1)])
def test_a_moderator_is_told_how_many_came_on_their_sites(app, two, email, many):
    answer = desk.of(app, email).get("/admin/stream", newest=two)
    assert answer.mimetype == "text/event-stream"
    said = answer.data.decode().partition("\n\n")[2]
    assert said == f'id: {many}\nevent: new\ndata: {{"count":{many}}}\n\n'


def test_another_state_is_another_stream(app, two):
    answer = desk.of(app, OWNER).get("/admin/stream", newest=two, state="spam")
    assert b'{"count":1}' in answer.data


def test_nothing_is_told_where_nothing_came(app, two):
    with app.app_context():
        newest = queue.newest(State.PENDING)
    assert desk.of(app, OWNER).get("/admin/stream", newest=newest).data.count(b"event:") == 0


def test_the_newest_of_several_sites_is_the_newest_of_all(app, two, site):
    with app.app_context():
        known = [one.id for one in changes.directory.every()]
        assert queue.newest(State.PENDING, sites=frozenset(known)) == queue.newest(State.PENDING)
        assert queue.newest(State.REMOVED) is None
        assert queue.newest(State.PENDING, sites=frozenset()) is None


def test_who_is_not_logged_in_is_told_nothing(client, two):
    assert client.get("/admin/stream").status_code == 303


def test_a_narrowed_queue_listens_to_nothing(app, two):
    owner = desk.of(app, OWNER)
    assert "data-stream" in owner.get("/admin/").text
    assert "data-stream" not in owner.get("/admin/", q="boat").text
    assert "data-stream" not in owner.get("/admin/", reported="1").text


def test_very_many_are_counted_no_further(app, site, monkeypatch):
    monkeypatch.setattr(queue, "MOST_FOUND", 5)
    with app.app_context():
        page = make.page(site)
        for minute in range(8):
            make.comment(page, minute=minute, state=State.PENDING)
        assert queue.arrived(State.PENDING) == 5
