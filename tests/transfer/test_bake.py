"""Comments in built pages: the bytes around them stay, and a second run changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from afterword.core import clock
from afterword.moderation import actions
from afterword.sites import changes, directory
from afterword.threads.models import State
from afterword.transfer.bake import markup
from afterword.transfer.bake.run import Stored, bake
from tests import make
from tests.conftest import BLOG

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]
TAG = '<script src="https://comments.example/embed.js" async></script>'
PAGE = f"<!doctype html>\n<title>Post</title>\n<p>Grüße.\n{TAG}\n<footer>End</footer>\n"
SERVICE = "https://comments.example"


@pytest.fixture
def thread(site):
    """A page with a root, an answer, one that waits, and one that is pinned."""
    page = make.page(site)
    root = make.comment(
        page, minute=1, text="Hi.", html="<p>Hi <em>you</em>.</p>\n", name="Ada & Co"
    )
    make.comment(
        page, root, minute=2, html="<p>Answer</p>\n", name="Bo", website="https://bo.example/"
    )
    make.comment(page, minute=3, html="<p>Secret</p>\n", state=State.PENDING)
    make.comment(page, minute=4, html="<p>First</p>\n", is_pinned=True)
    return page


def built(folder, content=PAGE, name="first-post/index.html", encoding="utf-8"):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode(encoding))
    return file


def baked(folder, site, *, service=SERVICE, **asked):
    return bake(folder, Stored(directory.by_id(site.id)), service=service, **asked)


def test_the_visible_thread_stands_in_the_page_after_the_tag(site, thread, tmp_path):
    file = built(tmp_path)
    assert baked(tmp_path, site).baked == [file]
    shown = file.read_text()
    before, after = PAGE.split(TAG)
    assert shown.startswith(before + TAG)
    assert shown.endswith(after)
    assert f'<afterword-thread data-baked="{thread.version}">' in shown
    assert "<p>Hi <em>you</em>.</p>" in shown
    assert "Ada &amp; Co" in shown
    assert shown.index("First") < shown.index("Hi <em>") < shown.index("Answer")
    assert "Secret" not in shown
    assert "@" not in re.sub(r'"@(context|type)"', "", shown)
    assert f"{SERVICE}/thread?url=https%3A//blog.example/first-post" in shown


def test_search_engines_find_the_comments_as_data(site, thread, tmp_path):
    file = built(tmp_path)
    baked(tmp_path, site)
    [said] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', file.read_text())
    posting = json.loads(said)
    assert posting["@type"] == "DiscussionForumPosting"
    assert posting["commentCount"] == 3
    assert [one["text"] for one in posting["comment"]] == ["First", "Hi you."]
    assert posting["comment"][1]["comment"][0]["author"]["name"] == "Bo"
    # What Google misses where it is not there.
    assert posting["comment"][1]["datePublished"] == "2026-01-01T00:01:00.000Z"


def test_what_answers_a_removed_comment_stands_in_its_place_in_the_data(site, tmp_path):
    page = make.page(site)
    gone = make.comment(page)
    below = make.comment(page, gone, minute=1, name="Bo")
    make.comment(page, below, minute=2, name="Cy")
    actions.remove([gone.id, below.id], by="test")
    make.comment(page, gone, minute=3, name="Di")
    file = built(tmp_path)
    baked(tmp_path, site)
    [said] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', file.read_text())
    assert [one["author"]["name"] for one in json.loads(said)["comment"]] == ["Cy", "Di"]


def test_who_gave_no_name_is_called_the_same_in_the_data(site, tmp_path):
    make.comment(make.page(site), name=None)
    file = built(tmp_path)
    baked(tmp_path, site)
    shown = file.read_text()
    assert "<b>Anonymous</b>" in shown
    assert '"author": {"@type": "Person", "name": "Anonymous"}' in shown


class ElsewhereDay(dt.datetime):
    """What a day is in a locale of another language; no such locale is on every machine."""

    def strftime(self, how):
        return super().strftime(how.replace("%B", "Januar"))


def test_the_locale_of_a_generator_changes_no_byte(site, thread, tmp_path, monkeypatch):
    file, other = built(tmp_path / "a"), built(tmp_path / "b")
    baked(tmp_path / "a", site)
    parse = clock.parse
    monkeypatch.setattr(
        clock, "parse", lambda said: ElsewhereDay.fromtimestamp(parse(said).timestamp(), clock.UTC)
    )
    baked(tmp_path / "b", site)
    assert ">1 January 2026</time>" in file.read_text()
    assert other.read_text() == file.read_text()


def test_a_second_run_touches_no_file(site, thread, tmp_path):
    file = built(tmp_path)
    baked(tmp_path, site)
    os.utime(file, (1, 1))
    report = baked(tmp_path, site)
    assert (report.baked, report.same, file.stat().st_mtime) == ([], 1, 1)


def test_what_came_since_replaces_what_was_baked(site, thread, tmp_path):
    file = built(tmp_path)
    baked(tmp_path, site)
    make.comment(thread, minute=9, html="<p>New</p>\n")
    assert baked(tmp_path, site, check=True).baked == [file]
    assert "New" not in file.read_text()
    baked(tmp_path, site)
    shown = file.read_text()
    assert shown.count("<afterword-thread") == shown.count("</afterword-thread>") == 1
    assert shown.count("New</p>") == 1


def test_an_element_of_the_page_keeps_its_attributes_and_names_the_page(site, thread, tmp_path):
    tag = '<afterword-thread class=x data-url="https://blog.example/first-post"><a>Old</a></afterword-thread>'
    file = built(tmp_path, f"<p>{tag}</p>{TAG}", "elsewhere.html")
    baked(tmp_path, site)
    shown = file.read_text()
    assert 'class=x data-url="https://blog.example/first-post" data-baked=' in shown
    assert "<a>Old</a>" not in shown
    assert "Hi <em>" in shown


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<link rel="canonical" href="https://blog.example/first-post/">', "x/other.html"),
        ('<link rel=canonical href="https://other.example/x">', "first-post.html"),
        ("", "first-post/index.html"),
    ],
)
def test_a_page_is_known_by_its_canonical_address_or_its_path(site, thread, tmp_path, head, name):
    make.comment(
        make.page(site, f"{BLOG}/first-post.html"), minute=1, html="<p>Hi <em>you</em></p>"
    )
    file = built(tmp_path, head + PAGE, name)
    baked(tmp_path, site)
    assert "Hi <em>you</em>" in file.read_text()


TWO = "https://two.example"


@pytest.mark.parametrize(
    ("canonical", "attributes", "url"),
    [
        ("/post", "", f"{BLOG}/post"),
        ("../post", "", f"{BLOG}/post"),
        ("?p=1", "", f"{BLOG}/posts/here.html"),
        ("//blog.example/post", "", f"{BLOG}/post"),
        (" /my post#part ", "", f"{BLOG}/my%20post"),
        ("https://copy.example/post", "", f"{BLOG}/posts/here.html"),
        ("/post", "data-url=/other", f"{BLOG}/other"),
        ("", "data-url=other.html", f"{BLOG}/posts/other.html"),
        ("", f"data-url={TWO}/other", f"{TWO}/other"),
        ("/post", "data-url=http://", f"{BLOG}/post"),
        ("http://", "data-url=http://[", f"{BLOG}/posts/here.html"),
        ("", f"data-site={TWO}", f"{TWO}/posts/here.html"),
        ("/post", f"data-site={TWO}", f"{TWO}/posts/here.html"),
        ("/post", f"data-site={BLOG}", f"{BLOG}/post"),
        ("", "data-site=http://", f"{BLOG}/posts/here.html"),
    ],
)
def test_a_page_has_the_address_that_the_widget_finds(site, tmp_path, canonical, attributes, url):
    """As tests/widget/options.test.mjs says it of the widget."""
    changes.add(TWO, to=site.id)
    make.comment(make.page(site, url), html="<p>Here</p>")
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    file = built(tmp_path, link + PAGE.replace(" async", f" async {attributes}"), "posts/here.html")
    baked(tmp_path, site)
    assert "<p>Here</p>" in file.read_text()


@pytest.mark.parametrize("attributes", ["data-url={}/first-post", "data-url={}/x data-page=soup"])
def test_a_page_at_an_address_that_is_not_the_sites_is_spoken_of(site, tmp_path, attributes):
    """What a wrong address in the generator's configuration writes: no thread would be empty."""
    content = PAGE.replace(" async", f" async {attributes.format('http://localhost:1313')}")
    file = built(tmp_path, content)
    report = baked(tmp_path, site)
    assert (report.baked, report.without) == ([], 1)
    assert report.warnings == [
        f"{file}: http://localhost:1313 is no address of the site blog.example. Correct it in "
        "your generator's settings, or allow it with: "
        "afterword sites add http://localhost:1313 --to blog.example"
    ]
    assert file.read_text() == content


@pytest.mark.parametrize(
    "content",
    [
        "<p>No tag here.",
        '<meta name="afterword" content="no-bake">' + PAGE,
        PAGE.replace(" async", " async data-no-bake"),
        f"<!-- {TAG} -->",
        f"<template>{TAG}</template>",
        f"<textarea>{TAG}</textarea>",
        "<script>const tag = '" + TAG.replace("</", "<\\/") + "'</script>",
        "<afterword-thread><p>never closed",
        PAGE.replace(" async", ' async data-target="none"'),
        f"<head><title>A post</title>{TAG}</head><body><p>Words.",
    ],
)
def test_a_page_without_a_place_stays_as_it_is(site, thread, tmp_path, content):
    file = built(tmp_path, content)
    assert baked(tmp_path, site).without == 1
    assert file.read_text() == content


INSTAGRAM = '<script async src="//www.instagram.com/embed.js"></script>'
TIKTOK = '<script async src="https://www.tiktok.com/embed.js"></script>'
MASTODON = (
    '<script data-allowed-prefixes="https://tooting.example/" async'
    ' src="https://tooting.example/embed.js"></script>'
)
CHART = (  # it has an attribute that ours may have
    '<script defer src="https://datawrapper.dwcdn.net/yQw/embed.js" data-url="/chart"></script>'
)
UNHEARD_OF = '<script src="https://widgets.example/embed.js" data-url="x"></script>'
STRANGERS = [INSTAGRAM, TIKTOK, MASTODON, CHART]


@pytest.mark.parametrize("service", [SERVICE, None])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_page_with_only_a_strangers_embed_js_has_no_place(site, tmp_path, stranger, service):
    file = built(tmp_path, f"<p>Words.</p>{stranger}<p>More words.</p>")
    assert baked(tmp_path, site, service=service).without == 1
    assert "afterword" not in file.read_text()


@pytest.mark.parametrize("service", [SERVICE, None])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_the_thread_goes_behind_our_tag_not_a_strangers(site, thread, tmp_path, stranger, service):
    elsewhere = TAG.replace(" async", f' data-url="{BLOG}/first-post" async')
    plain, named = f"{stranger}<p>Words.</p>{TAG}", f"{elsewhere}<p>Words.</p>{stranger}"
    files = [built(tmp_path, plain), built(tmp_path, named, "elsewhere.html")]
    assert baked(tmp_path, site, service=service).baked == files[::-1]
    for file, tag in zip(files, [TAG, elsewhere], strict=True):
        assert f"{tag}\n<afterword-thread data-baked" in file.read_text()
        assert "Hi <em>you</em>" in file.read_text()


def test_where_the_service_is_known_no_other_scripts_are_ours(site, thread, tmp_path):
    file = built(tmp_path, f"{UNHEARD_OF}<p>Words.</p>{TAG}{UNHEARD_OF}")
    alone = built(tmp_path, UNHEARD_OF, "alone.html")
    assert baked(tmp_path, site).baked == [file]
    assert f"{TAG}\n<afterword-thread" in file.read_text()
    assert alone.read_text() == UNHEARD_OF


@pytest.mark.parametrize(
    ("service", "src"),
    [
        (SERVICE, "//comments.example/embed.js"),
        (SERVICE, "http://COMMENTS.example:80/embed.js?1"),
        (SERVICE, "https://comments.example/embed-0123456789ab.js"),
        (BLOG, "/embed.js"),
        (f"{BLOG}/comments/", "../comments/embed.js"),
    ],
)
def test_our_tag_is_known_however_its_address_is_written(site, thread, tmp_path, service, src):
    file = built(tmp_path, f'{INSTAGRAM}<p>Words.</p><script src="{src}" async></script>')
    assert baked(tmp_path, site, service=service).baked == [file]
    assert file.read_text().index("Words") < file.read_text().index("<afterword-thread")


def test_a_folder_in_which_no_page_has_our_tag_is_spoken_of(site, tmp_path):
    built(tmp_path, INSTAGRAM)
    assert baked(tmp_path, site, service=None).warnings == ["No page has the tag."]
    built(tmp_path, TAG)
    report = baked(tmp_path, site, service="http://localhost:8000")
    assert report.without == 1
    assert report.warnings == [
        "No page has the tag of http://localhost:8000, the service that readers find."
    ]


def test_a_tag_behind_the_element_names_the_page_as_well(site, thread, tmp_path):
    tag = TAG.replace(" async", f' data-url="{BLOG}/first-post" async')
    file = built(tmp_path, f"<afterword-thread></afterword-thread>{tag}", "elsewhere.html")
    baked(tmp_path, site)
    assert "Hi <em>you</em>" in file.read_text()


def test_encoding_line_ends_and_rights_stay(site, thread, tmp_path):
    make.comment(thread, minute=9, html="<p>Grüße, 東京</p>")
    old = built(tmp_path, "<p>caf\xe9\r\n" + TAG + "\r\n", encoding="latin-1")
    old.chmod(0o640)
    baked(tmp_path, site)
    content = old.read_bytes()
    assert content.startswith(b"<p>caf\xe9\r\n")
    assert b"Gr&#252;&#223;e, &#26481;&#20140;" in content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert [path.name for path in old.parent.iterdir()] == ["index.html"]


def test_links_that_lead_out_of_the_folder_are_not_followed(site, thread, tmp_path):
    outside = built(tmp_path / "outside")
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "first-post").symlink_to(outside.parent)
    (folder / "first-post.html").symlink_to(outside)
    assert baked(folder, site).baked == []
    assert outside.read_text() == PAGE


def test_a_file_may_have_a_name_that_is_no_utf_8(site, tmp_path):
    make.comment(make.page(site, f"{BLOG}/caf%E9"), html="<p>Here</p>")
    file = built(tmp_path, name=os.fsdecode(b"caf\xe9/index.html"))
    assert baked(tmp_path, site).baked == [file]
    assert "<p>Here</p>" in file.read_text()


def test_a_deep_conversation_says_who_is_answered(site, tmp_path):
    page = make.page(site)
    above = None
    for minute in range(1500):
        above = make.comment(page, above, minute=minute, name=f"N{minute}")
    file = built(tmp_path)
    baked(tmp_path, site)
    shown = file.read_text()
    assert shown.count("<article>") == 1500
    assert f'in reply to <a href="#comment-{above.parent_id}">N1498</a>' in shown


def test_engines_are_asked_not_to_quote(site, thread, tmp_path):
    file = built(tmp_path)
    baked(tmp_path, site, is_snippet=False)
    assert "data-nosnippet" in file.read_text()


PIECES = [TAG, "<afterword-thread>", "</afterword-thread>", "<p>", "é", "\n", "<!--", "-->", "\0"]
PIECES += ['<script src="//[x/embed.js">', INSTAGRAM]
PIECES += ["<script>", "</script>", "<", ">", '"', "<afterword-thread data-page='x'>", "]]>", "<?"]


@bounded(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_page_is_changed_but_in_one_place_and_only_once(pieces):
    content = "".join(pieces).encode()
    place = markup.find(content)
    if place is None:
        return
    once = markup.put(content, place, section="<section>Hi</section>", version=1)
    assert once.startswith(content[: place.start])
    assert once.endswith(content[place.end :])
    again = markup.find(once)
    assert again is not None
    assert markup.put(once, again, section="<section>Hi</section>", version=1) == once


def test_the_data_in_a_page_of_another_encoding_says_the_same(site, tmp_path):
    name = "Zo\u00eb \N{GRINNING FACE}"
    make.comment(make.page(site), name=name, html="<p>Hi.</p>")
    file = built(tmp_path, encoding="latin-1")
    baked(tmp_path, site)
    [said] = re.findall(rb'<script type="application/ld\+json">(.*?)</script>', file.read_bytes())
    assert json.loads(said)["comment"][0]["author"]["name"] == name


def test_the_link_to_write_leads_to_the_thread_of_the_id_that_the_page_has(site, tmp_path):
    tag = TAG.replace(" async", ' data-page="a b&c"')
    file = built(tmp_path, f"<p>One{tag}")
    baked(tmp_path, site)
    assert '&amp;page=a%20b%26c" rel' in file.read_text()
