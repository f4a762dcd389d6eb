"""Comments brought in and taken out at the desk."""

from __future__ import annotations

import io
import json
import re

import pytest

from afterword.identity import moderators
from afterword.threads.models import State
from afterword.transfer import formats
from afterword.transfer.uploads import acts, work
from afterword.web.admin.export import FILES
from afterword.web.admin.uploads import FORMATS
from tests import desk, make
from tests.conftest import BLOG
from tests.desk import PASSWORD

pytestmark = pytest.mark.slow

OWNER = "hanna@blog.example"


@pytest.fixture
def owner(app, site):
    with app.app_context():
        moderators.add(OWNER, password=PASSWORD)
    return desk.of(app, OWNER)


@pytest.fixture
def page(site):
    return f"/admin/sites/{site.id}/import"


def row(url, **changed):
    said = {"type": "comment", "id": "c1", "page_url": url, "text": "Hello."}
    said |= {"author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    return json.dumps(said | changed).encode() + b"\n"


def send(owner, page, content, name="comments.jsonl"):
    """Send a file as the page's script does; answers the address of its own page."""
    upload = owner.post(page, name=name).location
    part = (io.BytesIO(content), "part")
    assert owner.post(f"{upload}/parts", number="0", part=part).json == {"parts": 1}
    return upload


def done(app, upload):
    """Let the work be done that the service's job would have done."""
    with app.app_context():
        work.work(upload.rsplit("/", 1)[1])


def look(app, owner, page, content, **chosen):
    upload = send(owner, page, content)
    owner.post(f"{upload}/look", **chosen)
    done(app, upload)
    return upload


def test_a_file_is_looked_through_shown_and_brought_in(app, owner, page, thread):
    upload = look(app, owner, page, row(f"{BLOG}/a") + row(f"{BLOG}/a", id="c2", state="pending"))
    shown = owner.get(upload).text
    assert "What is in it" in shown
    assert "Bring 2 comments in" in shown
    assert "blog.example/a" in shown
    assert thread(f"{BLOG}/a")["comments"] == []
    assert owner.post(f"{upload}/bring-in").location == upload
    assert "Waiting for its turn" in owner.get(upload).text
    done(app, upload)
    shown = owner.get(upload).text
    assert "The comments are in" in shown
    assert "To the queue" in shown
    assert len(thread(f"{BLOG}/a")["comments"]) == 1


def test_addresses_of_other_hosts_are_offered_and_taken_when_ticked(app, owner, page):
    upload = look(app, owner, page, row("https://old.example/a"))
    shown = owner.get(upload).text
    assert "None of them is new" in shown
    assert 'name="host" value="old.example"' in shown
    owner.post(f"{upload}/look", host="old.example")
    done(app, upload)
    assert "Bring 1 comment in" in owner.get(upload).text
    assert "https://old.example</textarea>" in owner.get(upload).text


def test_a_file_of_no_known_format_is_said_to_be_that(app, owner, page):
    upload = look(app, owner, page, b"nonsense")
    shown = owner.get(upload).text
    assert "This did not work" in shown
    assert "no format that is known" in shown
    assert "Look through it again" in shown


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("origins", "https://", "is no address like"),
        ("table", "only one", "line 1 of the map"),
        ("table", "x" * 40_001, "too much for the desk"),
        ("format", "fax", "no such format"),
    ],
)
def test_choices_that_cannot_be_are_said_beside_their_field(app, owner, page, field, typed, says):
    upload = look(app, owner, page, row(f"{BLOG}/a"))
    answer = owner.post(f"{upload}/look", **{field: typed})
    assert answer.status_code == 400
    assert says in answer.text


def test_bad_parts_are_refused_with_a_sentence(owner, page):
    upload = owner.post(page, name="").location
    for fields in (
        {},
        {"number": "0"},
        {"number": "x", "part": (io.BytesIO(b"x"), "part")},
        {"number": "9" * 40, "part": (io.BytesIO(b"x"), "part")},
        {"number": "0", "part": (io.BytesIO(b""), "part")},
    ):
        assert owner.post(f"{upload}/parts", **fields).status_code == 400
    many = {"number": "5", "part": (io.BytesIO(b"x"), "part")}
    assert owner.post(f"{upload}/parts", **many).status_code == 409
    assert "did not arrive whole" in owner.get(upload).text


def test_a_name_that_is_no_text_is_no_fault(owner, page):
    upload = owner.post(page, name="\0\u202e" + "a" * 5000).location
    assert "a" * 200 in owner.get(upload).text


def test_a_dropped_file_is_gone(app, owner, page):
    upload = look(app, owner, page, row(f"{BLOG}/a"))
    assert upload in owner.get(page).text
    assert owner.post(f"{upload}/drop").location == page
    assert upload not in owner.get(page).text
    assert owner.get(upload).status_code == 404


def test_every_format_has_a_name(owner):
    assert set(FORMATS) == {"auto", *formats.IMPORTERS}
    assert set(FILES) == set(formats.EXPORTERS)


@pytest.mark.parametrize("format_name", sorted(formats.EXPORTERS))
def test_all_comments_are_taken_out_as_a_file(app, owner, site, format_name):
    with app.app_context():
        make.comment(make.page(site), text="A boat.", html="<p>A boat.</p>", state=State.VISIBLE)
    [path] = re.findall(
        rf'href="([^"]*format={format_name})"', owner.get(f"/admin/sites/{site.id}/export").text
    )
    answer = owner.get(path)
    assert answer.status_code == 200
    ending = FILES[format_name][0]
    assert re.search(rf"blog\.example-[\d-]+\.{ending}", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert format_name == "html" or b"A boat." in answer.data
    answer.close()


def test_a_format_that_there_is_not_is_refused(owner, site):
    assert owner.get(f"/admin/sites/{site.id}/export/file?format=fax").status_code == 400


def test_parts_are_small_enough_for_the_service(app, owner, page):
    upload = owner.post(page, name="a").location
    part = (io.BytesIO(b"x" * acts.PART_BYTES), "part")
    assert owner.post(f"{upload}/parts", number="0", part=part).status_code == 200
