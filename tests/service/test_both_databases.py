"""The data layer on SQLite and on PostgreSQL: the same answers, the same safety under races."""

from __future__ import annotations

import io
import threading

import pytest

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db
from afterword.moderation import actions, listing, places
from afterword.operate import migrate
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from afterword.spam import networks, traces
from afterword.spam.sketch import likeness, plain, sketch
from afterword.threads import counts, read, slices
from afterword.threads.models import Comment, State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import make
from tests.conftest import BLOG, PAGE


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path):
    """The application over each of the databases that we support."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_FORM_CHECKS": "off"}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    yield app
    close(app)


def post(text="Hello.", **said):
    key = said.pop("key", None)
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **said}
    return submit(read_draft(body), key=key).comment


@pytest.mark.usefixtures("context", "site")
def test_a_thread_is_written_read_and_decided_over():
    site = directory.of_url(PAGE)
    root = post()
    reply = post("And to you.", parent=root.id)
    deep = post("And you.", parent=reply.id)
    actions.remove([reply.id], by="test")
    thread = read.thread(site, "blog.example/first-post", url=PAGE, slice=slices.Slice())
    assert thread.page["count"] == 2
    tombstone = thread.comments[0]["replies"][0]
    assert (tombstone["state"], tombstone["replies"][0]["id"]) == ("removed", deep.id)
    actions.restore([reply.id], by="test")
    assert [one.id for one in listing.newest(site_id=site.id, state=State.VISIBLE, limit=2)] == [
        deep.id,
        reply.id,
    ]
    places.move(PAGE, f"{BLOG}/moved")
    assert counts.of_pages({(site.id, "blog.example/first-post")}) == {
        (site.id, "blog.example/first-post"): 3
    }


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_slices_follow_one_another_without_gap_or_repeat(site, sort):
    page = make.page(site)
    made = {make.comment(page, minute=n % 4, up=n % 3).id for n in range(17)}
    root = make.comment(page, minute=9)
    replies = [make.comment(page, root, minute=10 + n).id for n in range(7)]
    walked, after = [], None
    while True:
        asked = slices.read(sort=sort, after=after, limit="5")
        part = read.thread(site, page.key, url=page.url, slice=asked)
        walked += [comment["id"] for comment in part.comments]
        shown = next((c for c in part.comments if c["id"] == root.id), None)
        if shown:
            assert [reply["id"] for reply in shown["replies"]] == replies[:3]
            rest = read.replies(root.id, after=slices.cursor(shown["replies_next"]), limit=50)
            assert [reply["id"] for reply in rest["comments"]] == replies[3:]
        if part.next is None:
            break
        after = part.next
    assert len(walked) == len(set(walked)) == 18
    assert made < set(walked)


@pytest.mark.usefixtures("context")
def test_what_comments_leave_behind_is_found_again(site):
    names = networks.pseudonyms("2001:db8::1")
    comment = submit(
        read_draft({"url": PAGE, "text": "Hello.", "author": {"name": "Ada"}}),
        sender=Sender(address="2001:db8:0:ffff::2"),
    ).comment
    (found,) = traces.recent(site.id, now=clock.now())
    assert (found.network, found.page_id) == (names[0], comment.page_id)
    assert likeness(found.sketch, sketch(plain("hello"))) == 1


def test_the_same_post_from_many_at_once_is_one_comment(app):
    with app.app_context():
        changes.add(BLOG)
    start, ids, wrong = threading.Barrier(8), [], []

    def send() -> None:
        with app.app_context():
            start.wait()
            try:
                ids.append(post(key="0123456789abcdef").id)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(ids) == 8
    assert len(set(ids)) == 1
    with app.app_context():
        assert db.session.query(Comment).count() == 1


def test_many_at_once_on_a_new_page_are_all_counted(app):
    with app.app_context():
        site = changes.add(BLOG)
    start, wrong = threading.Barrier(8), []

    def send(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                for n in range(5):
                    post(f"{number}-{n}")
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with app.app_context():
        page = read.thread(site, "blog.example/first-post", url=PAGE, slice=slices.Slice()).page
        assert (page["count"], page["version"]) == (40, 40)


@pytest.mark.usefixtures("context")
def test_an_export_goes_in_again_unchanged(site):
    root = post("Grüße 🎈")
    post("And to you.", parent=root.id)
    out = io.BytesIO()
    export.write(site, out)
    changes.remove(site.id)
    db.session.expunge_all()
    out.seek(0)
    report = run("native", out, site=changes.add(BLOG))
    again = io.BytesIO()
    export.write(directory.of_url(BLOG), again)
    assert report.inserted == 2
    assert again.getvalue().splitlines()[1:] == out.getvalue().splitlines()[1:]
