"""Recipes in sites that their generators really build."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterword.web.admin.recipes import RECIPES, fill

pytestmark = pytest.mark.slow

HOST, BLOG = "https://comments.example", "https://blog.example"
TAG = f'<script src="{HOST}/embed.js" async></script>'
POST = "---\ndate: 2026-01-01\n---\n\n# First\n\nWords.\n"
MATERIAL = """\
theme:
  name: material
  custom_dir: overrides
  font: false
"""


def step(key, number=0):
    (recipe,) = (recipe for recipe in RECIPES if recipe.key == key)
    code = recipe.steps[number].code
    return fill(code, host=HOST, origin=BLOG, source=f'src="{HOST}/embed.js"')


def built(folder, files, *words):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("site_url", [f"site_url: {BLOG}/\n", ""])
def test_each_page_of_mkdocs_has_its_thread(tmp_path, site_url):
    config = f"site_name: A blog\n{site_url}theme:\n  name: mkdocs\n  custom_dir: overrides\n"
    files = {
        "mkdocs.yml": config,
        "docs/index.md": "Words.\n",
        "docs/soup.md": "Words.\n",
        "overrides/main.html": step("mkdocs"),
    }
    built(tmp_path, files, "mkdocs", "build")
    page = (tmp_path / "site/soup/index.html").read_text()
    said = f' data-url="{BLOG}/soup/"' if site_url else ""
    assert f"<afterword-thread{said}>" in page
    assert page.index("Words.") < page.index("<afterword-thread") < page.index(TAG)


def test_pages_and_posts_of_material_have_their_threads_and_the_script_stays(tmp_path):
    plugins = step("material", 1).replace("plugins:\n", "plugins:\n  - blog\n")
    files = {
        "mkdocs.yml": f"site_name: A blog\nsite_url: {BLOG}/\n{MATERIAL}{plugins}\n",
        "docs/index.md": "# Home\n\nWords.\n",
        "docs/blog/index.md": "# Blog\n",
        "docs/blog/posts/first.md": POST,
        "overrides/partials/comments.html": step("material"),
    }
    built(tmp_path, files, "mkdocs", "build")
    for path in ("", "blog/2026/01/01/first/"):
        page = (tmp_path / "site" / path / "index.html").read_text()
        assert page.count(f'<afterword-thread data-url="{BLOG}/{path}">') == 1
        assert page.index("Words.") < page.index("<afterword-thread") < page.index(TAG)


@pytest.mark.parametrize("theme", ["alabaster", "classic", "nature"])
def test_each_page_of_sphinx_has_its_thread_but_what_is_no_document_has_none(tmp_path, theme):
    config = f'project = "A blog"\nhtml_theme = "{theme}"\nhtml_baseurl = "{BLOG}"\n'
    files = {
        "conf.py": config + 'templates_path = ["_templates"]\n',
        "index.rst": "Home\n====\n\nWords.\n",
        "_templates/page.html": step("sphinx"),
    }
    built(tmp_path, files, "sphinx", "-q", "-b", "html", ".", "out")
    page = (tmp_path / "out/index.html").read_text()
    assert f'src="{HOST}/embed.js" data-url="{BLOG}/index.html" async' in page
    assert page.index("Words.") < page.index("embed.js")
    assert "embed.js" not in (tmp_path / "out/search.html").read_text()
