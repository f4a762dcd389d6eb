"""A site is removed at the desk: its comments are kept in a file first."""

from __future__ import annotations

import threading

import pytest

from afterword.core import config
from afterword.core.db import db
from afterword.jobs import worker
from afterword.sites import changes, directory
from afterword.threads.models import Comment, Page
from afterword.transfer import export, removal
from afterword.transfer.exporters import native
from tests import make
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture


@pytest.fixture
def path(context, site) -> str:
    make.comment(make.page(site))
    return f"/admin/sites/{site.id}/remove"


def work(app):
    with app.app_context():
        while worker.do_next():
            pass
    db.session.rollback()  # ends the look at how it was
    directory.forget()


def test_a_site_goes_by_its_name_and_can_be_brought_in_again(desk, path, site, app):  # noqa: F811
    assert "type its name: blog.example" in desk.get(path)
    answer = desk(path, key=site.key)
    assert answer.headers["Location"] == "/admin/sites?done=removed"
    assert "The site goes now" in desk.get(answer.headers["Location"])
    assert "removed a site" in desk.get("/admin/log")
    work(app)
    assert directory.every() == []
    assert db.session.query(Comment).count() == 0
    (file,) = config.current().data.glob("removed-blog.example-*.jsonl")
    assert "Hello." in file.read_text()


def test_two_workers_at_the_same_removal_keep_one_whole_copy(path, site, app, monkeypatch):
    """The first took so long that it was taken for dead, and the second comes to its end first."""
    file = "removed.jsonl"
    begun = []

    def write_out(known, out):
        begun.append(known)
        out.write(b"half of it\n")
        if len(begun) == 1:
            second = threading.Thread(target=remove)
            second.start()
            second.join()
        else:
            native.write(known, out)
        return 0

    def remove():
        with app.app_context():
            removal.run(site.id, file)

    monkeypatch.setattr(export.registry, "load", lambda _: write_out)
    remove()
    kept = config.current().data
    assert "Hello." in (kept / file).read_text()
    assert list(kept.glob(".*.part")) == []
    db.session.rollback()
    directory.forget()
    assert directory.every() == []


def test_what_came_since_a_removal_failed_is_written_out_too(path, site, app, monkeypatch):
    page = db.session.query(Page).one()

    def fail(_):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(changes, "remove", fail)
        with pytest.raises(OSError, match="no space"):
            removal.run(site.id, "removed.jsonl")
    make.comment(page, text="Came since.")
    removal.run(site.id, "removed.jsonl")
    assert directory.every() == []
    first, second = sorted(config.current().data.glob("removed*"), key=lambda file: len(file.name))
    assert (first.name, second.name) == ("removed.jsonl", "removed-2.jsonl")
    assert "Came since." not in first.read_text()
    assert "Came since." in second.read_text()


def test_another_name_removes_nothing(desk, path, site, app):  # noqa: F811
    answer = desk(path, key="other.example")
    assert answer.status_code == 400
    assert "This is not its name." in answer.text
    work(app)
    assert len(directory.every()) == 1
