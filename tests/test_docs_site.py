"""The documentation as a site: every page, nothing from elsewhere, its comments in the pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


class Asked(HTMLParser):
    """The addresses that a browser asks for by itself when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        loads = tag != "link" or "canonical" not in (said.get("rel") or "")
        names = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "srcset"}
        if tag in names and loads and said.get(names[tag]):
            self.addresses.add(str(said[names[tag]]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as ``make docs-site`` builds it, strictly: a link that leads nowhere ends it."""
    build = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "DOCS_BUILD": str(build)}
    words = [sys.executable, "-m", "docs.site"]
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return build / "site"


def pages(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
    }


def test_every_page_of_the_docs_is_in_the_site(site):
    built = pages(site)
    for path in (ROOT / "docs").glob("*.md"):
        name = "index.html" if path.name == "README.md" else f"{path.stem}/index.html"
        assert name in built


def test_a_page_of_the_site_asks_nobody_else_for_anything(site):
    for name, html in pages(site).items():
        asked = Asked()
        asked.feed(html)
        assert asked.addresses, name
        assert not [one for one in asked.addresses if re.match(r"(?:https?:)?//", one)], name
    for path in site.rglob("*.css"):
        found = re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)", path.read_text("utf-8"))
        assert not found, path.name


def test_the_comments_of_a_page_are_baked_into_it(site):
    said = [
        json.loads(line)
        for line in (ROOT / "docs/site/comments.jsonl").read_text("utf-8").splitlines()[1:]
    ]
    built = pages(site)
    for comment in said:
        html = built[comment["page_url"].partition(".example/")[2] + "index.html"]
        assert "data-baked" in html
        words = re.sub(r"[`*\[<].*", "", comment["text"])[:40]
        assert words in re.sub(r"<[^>]+>|\s+", " ", html).replace("&#39;", "'")


def test_the_site_can_be_searched_and_be_dark(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert any(entry["location"].startswith("faq/") for entry in index["docs"])
    home = pages(site)["index.html"]
    schemes = set(re.findall(r'data-md-color-scheme="(\w+)"', home))
    assert {"default", "slate"} <= schemes
    assert 'data-md-component="search"' in home
