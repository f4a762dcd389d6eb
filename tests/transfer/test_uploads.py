"""Files that were sent to the desk: whole or not at all, looked through before they come in."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile

import pytest
from sqlalchemy import func, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, Conflict, NotFound, TooLarge
from afterword.jobs import queue
from afterword.jobs.worker import do_next
from afterword.moderation.models import Act
from afterword.operate import person
from afterword.threads.models import Comment
from afterword.transfer.uploads import acts, turn, work
from afterword.transfer.uploads.choices import Chosen
from afterword.transfer.uploads.models import Part, Stage, Upload
from tests import running
from tests.conftest import BLOG

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]
OWNER = "hanna@blog.example"


def lines(many=3, url=f"{BLOG}/a", name="c"):
    said = {"type": "comment", "page_url": url, "text": "Hello.", "author": {"name": "Ada"}}
    return b"".join(
        json.dumps(said | {"id": f"{name}{number}", "created": "2026-01-01T00:00:00Z"}).encode()
        + b"\n"
        for number in range(many)
    )


def sent(site, content, *, each=acts.PART_BYTES):
    upload = acts.begin(site.id, "comments.jsonl", by=OWNER)
    for number, start in enumerate(range(0, len(content), each)):
        acts.add_part(upload.id, number, content[start : start + each])
    return upload.id


def looked(site, content, **chosen):
    upload_id = sent(site, content)
    acts.look(upload_id, Chosen(**chosen))
    work.work(upload_id)
    return acts.find(upload_id)


def comments():
    return db.session.scalar(select(func.count()).select_from(Comment))


def test_a_file_is_looked_through_and_nothing_is_written(site):
    upload = looked(site, lines())
    assert upload.stage is Stage.READY
    assert upload.report["inserted"] == 3
    assert upload.report["places"] == [
        {"address": f"{BLOG}/a", "page": "blog.example/a", "comments": 3}
    ]
    assert comments() == 0


def test_its_comments_come_in_when_the_owner_says_so_and_the_file_is_gone(site):
    upload = looked(site, lines())
    acts.bring_in(upload.id)
    work.work(upload.id)
    upload = acts.find(upload.id)
    assert (upload.stage, upload.report["inserted"], comments()) == (Stage.DONE, 3, 3)
    assert db.session.scalar(select(func.count()).select_from(Part)) == 0


def test_the_log_says_who_brought_a_link_to_a_post_in(site):
    post = "https://social.example/@owner/100"
    page = {"type": "page", "url": f"{BLOG}/a", "post": post}
    upload = looked(site, lines() + json.dumps(page).encode())
    assert db.session.query(Act).count() == 0
    acts.bring_in(upload.id)
    work.work(upload.id)
    [act] = db.session.query(Act)
    assert (act.verb, act.by, act.note) == ("link", OWNER, f"{BLOG}/a to {post}")
    assert act.site_id == site.id


def test_a_file_in_many_parts_is_the_file(site):
    upload_id = sent(site, gzip.compress(lines(200)), each=7)
    acts.look(upload_id, Chosen())
    work.work(upload_id)
    assert acts.find(upload_id).report["rows"] == 200


def test_a_part_that_arrives_twice_is_kept_once(site):
    upload = acts.begin(site.id, "a.xml", by=OWNER)
    assert acts.add_part(upload.id, 0, b"one") == 1
    assert acts.add_part(upload.id, 0, b"one") == 1
    assert acts.add_part(upload.id, 1, b"two") == 2
    assert acts.find(upload.id).size == 6


def test_a_part_out_of_turn_is_refused(site):
    upload = acts.begin(site.id, "a.xml", by=OWNER)
    with pytest.raises(Conflict, match="one after the other"):
        acts.add_part(upload.id, 1, b"two")
    with pytest.raises(BadRequest):
        acts.add_part(upload.id, 0, b"")
    with pytest.raises(BadRequest):
        acts.add_part(upload.id, 0, b"x" * (acts.PART_BYTES + 1))
    with pytest.raises(NotFound):
        acts.add_part("nothing", 0, b"x")


def test_a_file_that_is_too_large_is_refused_before_it_fills_the_disk(site):
    upload = acts.begin(site.id, "a.xml", by=OWNER)
    with transaction():
        db.session.get(Upload, upload.id).size = acts.MOST_BYTES
    with pytest.raises(TooLarge, match="afterword import"):
        acts.add_part(upload.id, 0, b"x")


def test_a_file_of_which_nothing_arrived_is_not_looked_through(site):
    upload = acts.begin(site.id, "a.xml", by=OWNER)
    with pytest.raises(Conflict, match="send it again"):
        acts.look(upload.id, Chosen())


def test_what_is_wrong_with_a_file_is_said_and_it_can_be_looked_through_otherwise(site):
    upload = looked(site, b"a,b\n1,2\n", format="csv")
    assert upload.stage is Stage.FAILED
    assert "needs the columns" in upload.fault
    acts.look(upload.id, Chosen(format="native"))
    work.work(upload.id)
    assert "line 1" in acts.find(upload.id).fault


def test_a_choice_that_is_refused_ends_it_in_words(site):
    upload = looked(site, lines(), origins="nowhere")
    assert upload.stage is Stage.FAILED
    assert "http" in upload.fault


def test_other_choices_bring_in_what_was_left_out(site):
    upload = looked(site, lines(url="https://old.example/a"))
    assert upload.report["foreign"] == {"old.example": 3}
    acts.look(upload.id, Chosen(origins="https://old.example"))
    work.work(upload.id)
    assert acts.find(upload.id).report["inserted"] == 3


def test_a_file_that_was_brought_in_before_brings_nothing_new(site):
    for _ in range(2):
        upload = looked(site, lines())
        acts.bring_in(upload.id)
        work.work(upload.id)
    assert acts.find(upload.id).report["existing"] == 3
    assert comments() == 3


def test_an_upload_that_was_dropped_meanwhile_ends_the_work_on_it(site, monkeypatch):
    monkeypatch.setattr(work, "BEAT_SECONDS", 0)
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    read = work.Chosen.read

    def drop(kept):
        acts.drop(upload_id)
        return read(kept)

    monkeypatch.setattr(work.Chosen, "read", drop)
    work.work(upload_id)
    assert acts.find(upload_id) is None


def test_comments_that_come_in_cannot_be_dropped(site):
    upload = looked(site, lines())
    acts.bring_in(upload.id)
    with pytest.raises(Conflict, match="wait"):
        acts.drop(upload.id)


def test_uploads_are_forgotten_after_a_month(site, monkeypatch):
    upload_id = sent(site, b"x")
    later = clock.now() + acts.KEPT * 1.1
    monkeypatch.setattr(acts.clock, "now", lambda: later)
    acts.begin(site.id, "other.xml", by=OWNER)
    assert acts.find(upload_id) is None
    assert db.session.scalar(select(func.count()).select_from(Part)) == 0


def test_the_reports_lists_are_kept_as_far_as_anyone_reads(site, monkeypatch):
    monkeypatch.setattr(work, "MOST_LISTED", 2)
    content = b"".join(lines(many, url=f"{BLOG}/{many}", name=f"{many}c") for many in (1, 3, 2))
    report = looked(site, content).report
    assert [place["comments"] for place in report["places"]] == [3, 2]
    assert report["pages"] == 3


@pytest.fixture
def environment(settings, monkeypatch):
    """What the service's own process has, and passes on."""
    for name, value in running.environment(settings.data).items():
        monkeypatch.setenv(name, value)
    yield monkeypatch
    until = time.monotonic() + 60  # the job that looks after the upload comes once more
    while queue.totals()[0] and time.monotonic() < until:
        do_next()
        db.session.rollback()
    assert queue.totals() == (0, 0)


def work_until(stages, upload_id):
    """Do what is due, as the service's worker does, until the upload is at one of these stages."""
    until = time.monotonic() + 180
    while time.monotonic() < until:
        while do_next():
            pass
        upload = acts.find(upload_id)
        db.session.rollback()
        if upload.stage in stages:
            return upload
    raise AssertionError(f"still {upload.stage}: {upload.fault}")


def test_a_process_of_its_own_does_the_work(site, environment):
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    work_until({Stage.READY}, upload_id)
    acts.bring_in(upload_id)
    work_until({Stage.DONE}, upload_id)
    db.session.expire_all()
    assert comments() == 3
    assert acts.find(upload_id).starts == 1


@pytest.mark.fault("R18")
def test_work_that_ends_without_a_word_is_begun_again_and_given_up_at_last(
    site, environment, figure
):
    environment.setenv("AFTERWORD_THREADS", "none")  # no process starts with this
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    upload = work_until({Stage.FAILED}, upload_id)
    assert upload.starts == turn.MOST_STARTS + 1
    assert "3 times" in upload.fault
    figure(f"an import whose process dies each time: begun {upload.starts - 1} times, given up")


@pytest.mark.fault("R18")
def test_what_was_left_by_a_host_that_is_gone_is_taken_over(site, environment):
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    with transaction():
        db.session.get(Upload, upload_id).beat = clock.now() - turn.PATIENCE * 1.1
    assert work_until({Stage.READY}, upload_id).starts == 1


def test_what_somebody_is_at_is_left_to_them(site, environment):
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    with transaction():
        db.session.get(Upload, upload_id).beat = clock.now()
    turn.take(upload_id)
    assert acts.find(upload_id).starts == 0
    acts.drop(upload_id)


def test_a_process_that_did_its_stage_leaves_the_next_one_to_whoever_has_it(site, environment):
    """Several processes serve: one looked, another brings in, and the first comes by again."""
    upload_id = sent(site, lines())
    acts.look(upload_id, Chosen())
    looking = work_until({Stage.READY}, upload_id)
    acts.bring_in(looking.id)
    with transaction():
        db.session.get(Upload, upload_id).beat = clock.now()
    if upload_id not in turn._running:  # the job has come by already, and let it go
        turn._running[upload_id] = turn.subprocess.Popen(["true"])
    turn._running[upload_id].wait()
    turn.take(upload_id)
    upload = acts.find(upload_id)
    assert (upload.starts, upload.beat is None) == (0, False)
    acts.release(upload_id)
    work_until({Stage.DONE}, upload_id)


ADA = "ada@reader.example"


def packed(content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("comments/a/entry1.yml", "message: x\nemail: nobody@reader.example\n")
        made.writestr("comments/a/entry2.yml", b"message: x\nemail: " + content + b"\n")
    return archive.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b'{"email": "Ada@Reader.example"}',
        gzip.compress(b"x" * 3_000_000 + b" ada@reader.example"),
        packed(b"ada@reader.example"),
        "ada@reader.example".encode("utf-16"),
        b"\x1f\x8bdamaged",
    ],
    ids=["plain", "gzip", "zip", "utf-16", "unreadable"],
)
def test_an_erasure_drops_files_that_name_the_address_or_cannot_be_read(site, content):
    upload_id, other = sent(site, content), sent(site, gzip.compress(b"bo@reader.example"))
    person.erase(person.find(ADA), by=OWNER)
    db.session.expire_all()
    assert acts.find(upload_id) is None
    assert db.session.scalars(select(Part.upload_id).distinct()).all() == [other]


def test_an_erasure_waits_until_a_file_that_names_the_address_is_in(site):
    upload_id = sent(site, b"ada@reader.example")
    with transaction() as session:
        session.get_one(Upload, upload_id).stage = Stage.BRINGING
    with pytest.raises(Conflict, match="is coming in"):
        person.erase(person.find(ADA), by=OWNER)
