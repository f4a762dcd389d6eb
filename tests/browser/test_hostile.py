"""R15: hostile comments on every page that shows them, in a real browser, poked at everywhere.

Each text is a comment, the name of its author, the title of its page and, where it passes for one,
the author's website. A page is looked through for what ran, what was asked for elsewhere, which
links lead where, and for elements and attributes that nobody lets in.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import urllib.request
from functools import partial
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, Route, expect

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.errors import Problem
from afterword.posting.draft import read
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from tests import running
from tests.service import hostile

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
ATOM = "{http://www.w3.org/2005/Atom}"
EACH = 50  # comments a page
NOTHING = "0 ran, 0 fetched, 0 links that are no http(s) or mailto, 0 without rel"  # wrong in them

pytestmark = [pytest.mark.slow, pytest.mark.fault("R15")]


@pytest.fixture(scope="session")
def texts(request) -> list[str]:
    """Hostile texts of ours, one in so many, and all of the file that ``--corpus`` names."""
    besides = request.config.getoption("--corpus")
    found = hostile.payloads()
    found = found[:: max(1, len(found) // request.config.getoption("--hostile"))]
    return found + (json.loads(besides.read_text(encoding="utf-8")) if besides else [])


@pytest.fixture(scope="module")
def filled(texts, own_blog, tmp_path_factory) -> tuple[Path, list[str]]:
    """A data folder that holds them all, published, and the addresses of their pages."""
    told = {"form_checks": "off", "rate_limits": "off"}
    data = tmp_path_factory.mktemp("hostile") / "data"
    running.installed(data, own_blog.url)
    settings = config.read(running.environment(data, **told))
    app = create_app(settings)
    made = []
    with app.app_context():
        site = directory.of_url(own_blog.url)
        changes.choose(site.id, {"max_links": "20", "max_length": "8192", "require_name": "off"})
        for number in range(-(-len(texts) // EACH)):
            url = own_blog.page("plain" if number % 2 else "strict-csp", f"/{number}")
            _fill(url, texts[number * EACH : (number + 1) * EACH])
            made.append(url)
    close(app)
    return data, made


@pytest.fixture
def pages(filled, tmp_path) -> list[str]:
    """The addresses of the pages, whose comments are in this test's own data folder."""
    data, made = filled
    shutil.copytree(data, tmp_path / "data")
    return made


def _fill(url: str, texts: list[str]) -> None:
    """Post each text, and again without what is refused beside it."""
    for text in texts:
        said = {"url": url, "text": text, "title": text[:300]}
        author = {"name": text[:60], "website": text[:300]}
        for attempt in (author, {"name": text[:60]}, {"website": text[:300]}, {}):
            try:
                submit(read({**said, "author": attempt}))
                break
            except Problem:
                continue


@pytest.fixture
def service(pages, blog, tmp_path):
    told = {"form_checks": "off", "rate_limits": "off"}
    with running.serving(tmp_path / "data", **told) as service:
        blog.service_url = service.url
        blog.attributes = "data-eager"
        yield service


@pytest.fixture
def watched(page: Page, service, blog) -> Page:
    """The page of a browser that goes nowhere else; ``page.elsewhere`` is where it wanted to."""
    page.elsewhere = _stay(page, blog.url, service.url)  # type: ignore[attr-defined]
    page.add_init_script(AUDIT)
    return page


def _stay(page: Page, *places: str) -> list[str]:
    """Let a page load nothing from elsewhere; where it wanted to."""
    elsewhere: list[str] = []

    def look(route, request) -> None:
        if request.url.startswith((*places, "data:")):
            route.fallback()
        else:
            elsewhere.append(request.url)
            route.abort()

    page.route("**/*", look)
    return elsewhere


def audited(page: Page, text: str, own: list[str]) -> list[str]:
    wrong: list[str] = page.evaluate("([text, own]) => window.audit(text, own)", [text, own])
    return [*wrong, *page.elsewhere]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ("<img src=x onerror=alert(1)>", "alert(1)"),
        ("<b onmouseover=alert(2)>x</b>", "alert(2)"),
        ('<a href="javascript:123" rel="nofollow ugc noopener">x</a>', "scheme javascript:"),
        ('<a href="https://evil.example" rel="noopener">x</a>', "rel:"),
        ('<p id="getElementById">x</p>', "id:"),
        ("<svg><b>x</b></svg>", "namespace:"),
        ("<form><input></form>", "element:"),
        ('<img src="https://evil.example/pixel">', "https://evil.example/pixel"),
    ],
)
def test_the_audit_finds_what_it_looks_for(page, html, wrong):
    here = "https://page.example"
    body = f"<!doctype html><div class=text>{html}</div>"
    page.route(f"{here}/", lambda route: route.fulfill(body=body, content_type="text/html"))
    elsewhere = _stay(page, here)
    page.add_init_script(AUDIT)
    page.goto(f"{here}/")
    page.wait_for_load_state("networkidle")
    found = [*page.evaluate("window.audit('.text', [location.origin])"), *elsewhere]
    assert [one for one in found if wrong in one], found


def test_in_the_widget(watched, pages, service, blog, figure):
    seen = 0
    for url in pages:
        watched.goto(url)
        # A long thread is drawn a piece at a time: all of it is looked at.
        stored = f"{service.url}/api/v1/thread?url={quote(url)}"
        with urllib.request.urlopen(stored) as answer:
            shown = len(json.load(answer)["comments"])
        expect(watched.locator("afterword-thread article.comment")).to_have_count(shown)
        seen += shown
        assert audited(watched, ".text", [blog.url, service.url, "https://example.org"]) == [], url
    assert seen > len(pages) * EACH * 0.8
    figure(f"{seen} hostile comments in the widget: {NOTHING}")


def test_on_the_page_without_javascript(watched, pages, service, blog, figure):
    seen = 0
    for url in pages:
        watched.goto(f"{service.url}/thread?url={quote(url, safe='')}")
        seen += watched.locator("li.comment").count()
        assert audited(watched, ".text", [blog.url, service.url]) == [], url
    assert seen > len(pages) * EACH * 0.8
    figure(f"{seen} hostile comments on pages without JavaScript: {NOTHING}")


def test_in_the_desk(watched, pages, service, blog, tmp_path, figure):
    made = running.command(
        tmp_path / "data",
        "moderators",
        "add",
        "hanna@blog.example",
        "--owner",
        public_url=service.url,
    )
    watched.goto(made.stdout.strip())
    watched.fill("[name=password]", "a table is a boat")
    watched.click("form button")
    watched.goto(f"{service.url}/admin/?state=visible")
    seen = 0
    while True:
        seen += watched.locator("article.comment").count()
        assert audited(watched, ".text", [blog.url, service.url]) == [], watched.url
        following = watched.locator("a[rel=next]")
        if not following.count():
            break
        watched.goto(f"{service.url}{following.get_attribute('href')}")
    assert seen > len(pages) * EACH * 0.8
    figure(f"{seen} hostile comments in the desk: {NOTHING}")


def test_in_feeds_as_a_reader_of_feeds_shows_them(watched, pages, service, blog, figure):
    """The worst of them places the HTML as it comes."""
    seen = 0
    for url in pages:
        asked = f"url={quote(url, safe='')}"
        atom = _fetched(f"{service.url}/feeds/page.atom?{asked}")
        contents = [one.text or "" for one in ET.fromstring(atom).iter(f"{ATOM}content")]
        items = json.loads(_fetched(f"{service.url}/feeds/page.json?{asked}"))["items"]
        assert contents == [item["content_html"] for item in items]
        seen += len(contents)
        shown = "".join(f"<div class=text>{one}</div>" for one in contents)
        body = f"<!doctype html><meta charset=utf-8><body>{shown}"
        watched.route("**/as-shown", partial(_fulfil, body))
        watched.goto(f"{service.url}/as-shown")
        assert audited(watched, ".text", [blog.url, service.url]) == [], url
    assert seen > len(pages) * min(EACH, 50) * 0.8
    figure(f"{seen} hostile comments in feeds: {NOTHING}")


def _fulfil(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="text/html")


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        body: bytes = answer.read()
    return body


def test_in_what_is_exported(pages, tmp_path, blog, figure):
    for kind in ("native", "csv"):
        file = tmp_path / f"export.{kind}"
        done = running.command(
            tmp_path / "data",
            "export",
            "--format",
            kind,
            "--site",
            directory_key(blog.url),
            str(file),
        )
        assert done.returncode == 0, done.stderr
    lines = (tmp_path / "export.native").read_text(encoding="utf-8").splitlines()
    comments = [line for line in map(json.loads, lines) if line.get("type") == "comment"]
    assert len(comments) > len(pages) * EACH * 0.8
    table = (tmp_path / "export.csv").read_text(encoding="utf-8-sig")
    for row in csv.reader(io.StringIO(table)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], row
    figure(
        f"{len(comments)} hostile comments exported, 0 cells of the table that a sheet would run"
    )


def directory_key(url: str) -> str:
    return url.removeprefix("http://")
