"""Recipes in sites that their generators really build."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterword.web.admin.recipes import RECIPES, fill

pytestmark = pytest.mark.slow

HOST, BLOG = "https://comments.example", "https://blog.example"


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
