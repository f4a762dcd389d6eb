"""Authors and bans at the desk."""

from __future__ import annotations

import re

import pytest

from afterword.core.db import db
from afterword.core.errors import Banned
from afterword.identity.models import Author, Standing
from afterword.moderation import bans
from afterword.moderation.bans import Terms
from afterword.moderation.models import BanKind
from afterword.threads.models import Comment
from tests import make
from tests.service.posts import send
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

SECRET = "s" * 43


@pytest.fixture
def comment(context, site) -> Comment:
    """A visible comment by somebody with a browser, an address and a network."""
    author = {"name": "Bob <b>", "email": "bob@spam.example"}
    return send("Buy <b>pills</b>.", token=SECRET, author=author)


def test_the_queue_leads_to_the_author_and_back_to_the_same_view(desk, comment):  # noqa: F811
    queue = desk.get("/admin/?state=visible&sort=oldest")
    path = re.search(rf'href="(/admin/comments/{comment.id}/author[^"]*)"', queue)[1]
    page = desk.get(path.replace("&amp;", "&"))
    assert "Bob &lt;b&gt;" in page
    assert "1 visible" in page
    assert f"/admin/?state=visible&amp;sort=oldest#comment-{comment.id}" in page
    assert "The address bob@spam.example" in page


def test_a_standing_is_kept_and_shown(desk, comment):  # noqa: F811
    path = f"/admin/comments/{comment.id}"
    answer = desk(f"{path}/standing", standing="trust")
    shown = desk.get(answer.headers["Location"])
    assert "Decided." in shown
    assert 'value="trust" checked' in desk.get(f"{path}/author")
    db.session.expire_all()
    assert db.session.get(Author, comment.author_id).standing is Standing.TRUSTED
    assert desk(f"{path}/standing", standing="king").status_code == 400


def test_an_author_is_banned_by_what_is_ticked_and_the_rest_marked_as_spam(desk, comment):  # noqa: F811
    send("Another word.", token=SECRET)
    path = f"/admin/comments/{comment.id}"
    answer = desk(f"{path}/ban", kinds=["author", "email"], length="month", spam="on")
    shown = desk.get(answer.headers["Location"])
    assert "Banned. Who is banned is told so when sending. 2 comments marked as spam." in shown
    assert {ban.kind for ban in bans.every()} == {BanKind.AUTHOR, BanKind.EMAIL}
    assert all(ban.expires and ban.note == "Bob <b>" for ban in bans.every())
    page = desk.get(f"{path}/author")
    assert "bob@spam.example until" in page
    assert "2 spam" in page
    with pytest.raises(Banned):
        send(token=SECRET)


def test_a_ban_without_anything_to_go_by_is_told(desk, comment):  # noqa: F811
    for sent in (
        {"length": "month"},
        {"kinds": ["author"], "length": "7"},
        {"kinds": ["x"], "length": "month"},
    ):
        answer = desk(f"/admin/comments/{comment.id}/ban", **sent)
        assert answer.status_code == 400
        assert "tick by what to ban" in answer.text
    assert bans.every() == []


def test_a_ban_that_is_typed_is_listed_and_ended(desk, context, site):  # noqa: F811
    answer = desk("/admin/bans", who="203.0.113.7/24", note="Robots", length="good", site="")
    page = desk.get(answer.headers["Location"])
    assert "Banned. Who is banned is told so" in page
    assert "203.0.113.0/24 for good" in page
    assert "Robots" in page
    (ban,) = bans.every()
    lifted = desk("/admin/bans/lift", ban=str(ban.id)).headers["Location"]
    assert "The ban has ended." in desk.get(lifted)
    assert bans.every() == []
    assert desk("/admin/bans/lift", ban=str(ban.id)).status_code == 404
    assert desk("/admin/bans/lift", ban="x").status_code == 404


def test_bans_are_found_by_their_words_and_paged_from_the_newest(desk, context, site):  # noqa: F811
    for number in range(bans.SHOWN + 1):
        target = bans.read(f"spam{number}.example")
        bans.add(target, Terms(by="grace@blog.example", note=f"Robot 100% {number:03}"))
    first = desk.get("/admin/bans")
    assert first.count("Robot 100%") == bans.SHOWN
    assert "Robot 100% 000" not in first
    after = re.search(r'rel="next" href="([^"]+)"', first)[1]
    older = desk.get(after)
    assert older.count("Robot 100%") == 1
    assert "Robot 100% 000" in older
    assert "Back to the newest" in older
    for words, many in (("%25 007", 1), ("SPAM7.example", 1), ("grace@", bans.SHOWN), ("_", 0)):
        assert desk.get(f"/admin/bans?words={words}").count("Robot 100%") == many, words
    assert "No ban has these words." in desk.get("/admin/bans?words=nobody")
    for odd in ("after=x", "words=a%00b", f"words={'x' * 301}"):
        assert "no such list of bans" in desk.get(f"/admin/bans?{odd}")


def test_who_ends_a_ban_stays_where_it_was_found(desk, context, site):  # noqa: F811
    ban = bans.add(bans.read("spam.example"), Terms(by="grace@blog.example"))
    back = re.search(r'name="back" value="([^"]+)"', desk.get("/admin/bans?words=spam"))[1]
    ended = desk("/admin/bans/lift", ban=str(ban.id), back=back).headers["Location"]
    assert ended.startswith("/admin/bans?words=spam&acts=")
    assert "The ban has ended." in desk.get(ended)


@pytest.mark.parametrize("who", ["", "bob", "0.0.0.0/0"])
def test_what_cannot_be_banned_is_told_beside_the_field_and_kept(desk, context, site, who):  # noqa: F811
    answer = desk("/admin/bans", who=who, note="Why & how", length="month")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{who}"' in answer.text
    assert 'value="Why &amp; how"' in answer.text
    assert desk("/admin/bans", who="spam.example", length="month", site="99").status_code == 400


def test_the_end_of_a_ban_leads_back_only_to_the_desk(desk, comment):  # noqa: F811
    desk(f"/admin/comments/{comment.id}/ban", kinds=["author"], length="good")
    (ban,) = bans.every()
    answer = desk("/admin/bans/lift", ban=str(ban.id), back="https://evil.example/admin/")
    assert re.fullmatch(r"/admin/\?acts=\d+", answer.headers["Location"])


def test_an_imported_comment_and_a_moderators_own(desk, context, site):  # noqa: F811
    page = make.page(site)
    imported = make.comment(page, name="")
    own = make.comment(page, is_moderator=True)
    text = desk.get(f"/admin/comments/{imported.id}/author")
    assert "Nothing is known of this author" in text
    assert desk(f"/admin/comments/{imported.id}/standing", standing="trust").status_code == 404
    assert f"/admin/comments/{own.id}/author" not in desk.get("/admin/?state=visible")
    assert desk.get(f"/admin/comments/{own.id}/author").count("no such author") == 1
