"""Sites that Pelican, MkDocs and Sphinx really build, with their comments in the pages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterword.sites import directory
from tests import make, running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

TAG = f'<script src="{BLOG}/embed.js" defer></script>'
COMMENT = "<p>Hello.</p>"

PELICAN = f"""
SITENAME = "A blog"
PATH = "content"
TIMEZONE = "UTC"
SITEURL = "{BLOG}"
PLUGINS = ["afterword.generators.pelican"]
ARTICLE_URL = ARTICLE_SAVE_AS = "first-post.html"
"""
PELICAN_POST = f"""<html><head><title>First post</title><meta name="date" content="2026-01-01">
</head><body><p>Words.</p>{TAG}</body></html>"""
SPHINX = f"""
project = "A blog"
html_baseurl = "{BLOG}"
html_theme = "basic"
extensions = ["afterword.generators.sphinx"]
"""
SPHINX_POST = f"First post\n==========\n\nWords.\n\n.. raw:: html\n\n   {TAG}\n"


def pelican(folder, *, said="", strict=False, tag=TAG):
    (folder / "content").mkdir(exist_ok=True)
    (folder / "content" / "first-post.html").write_text(PELICAN_POST.replace(TAG, tag))
    (folder / "pelicanconf.py").write_text(PELICAN + said)
    words = ["pelican", "-s", "pelicanconf.py", *(["--fatal", "warnings"] if strict else [])]
    return words, folder / "output" / "first-post.html"


def mkdocs(folder, *, said="", strict=False, tag=TAG):
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "index.md").write_text("# Home\n")
    (folder / "docs" / "first-post.md").write_text(f"# First post\n\nWords.\n\n{tag}\n")
    plugins = f"plugins:\n  - afterword:\n      snippet: true\n{said}"
    site = f"site_name: A blog\nsite_url: {BLOG}/\nuse_directory_urls: false\n"
    (folder / "mkdocs.yml").write_text(site + plugins)
    words = ["mkdocs", "build", *(["--strict"] if strict else [])]
    return words, folder / "site" / "first-post.html"


def sphinx(folder, *, said="", strict=False, tag=TAG):
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "conf.py").write_text(SPHINX + said)
    contents = "Home\n====\n\n.. toctree::\n\n   first-post\n"
    (folder / "docs" / "index.rst").write_text(contents)
    (folder / "docs" / "first-post.rst").write_text(SPHINX_POST.replace(TAG, tag))
    words = ["sphinx", "-b", "html", *(["-W"] if strict else []), "docs", "out"]
    return words, folder / "out" / "first-post.html"


GENERATORS = [pelican, mkdocs, sphinx]  # each answers its command and the page that it writes


@pytest.fixture
def commented(app, site, settings):
    """The data folder of a service with a comment on the first post."""
    with app.app_context():
        make.comment(make.page(directory.of_url(BLOG), f"{BLOG}/first-post.html"))
    return settings.data


def build(generator, folder, data, **how):
    words, page = generator(folder, **how)
    return run(words, folder, running.environment(data)), page


def run(words, folder, env):
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.__name__)
def test_a_build_bakes_the_comments_of_its_pages(generator, tmp_path, commented):
    done, page = build(generator, tmp_path, commented, strict=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert page.read_text(encoding="utf-8").count(COMMENT) == 1
    again, _ = build(generator, tmp_path, commented)
    assert again.returncode == 0
    assert page.read_text(encoding="utf-8").count(COMMENT) == 1


BELOW = {  # settings of one name: the last one counts
    pelican: f'SITEURL = "{BLOG}/blog"\n',
    mkdocs: f"site_url: {BLOG}/blog/\n",
    sphinx: f'html_baseurl = "{BLOG}/blog/"\n',
}


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.__name__)
def test_a_blog_below_a_path_gets_the_comments_of_its_own_pages(
    generator, tmp_path, app, site, settings
):
    with app.app_context():
        make.comment(make.page(directory.of_url(BLOG), f"{BLOG}/blog/first-post.html"))
    done, page = build(generator, tmp_path, settings.data, said=BELOW[generator], strict=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert COMMENT in page.read_text(encoding="utf-8")


ELSEWHERE = {
    pelican: 'AFTERWORD_FROM = "{}"\n',
    mkdocs: "      service: {}\n",
    sphinx: 'afterword_from = "{}"\n',
}


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.__name__)
def test_a_build_asks_the_service_where_there_is_no_database(generator, tmp_path, commented):
    nothing = tmp_path / "nothing"
    with running.serving(commented) as service:
        said = ELSEWHERE[generator].format(service.url)
        tag = TAG.replace(BLOG, service.url)
        done, page = build(generator, tmp_path, nothing, said=said, strict=True, tag=tag)
    assert done.returncode == 0, done.stdout + done.stderr
    assert COMMENT in page.read_text(encoding="utf-8")
    assert not nothing.exists()


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.__name__)
def test_a_service_that_is_away_costs_a_warning_and_a_strict_build(generator, tmp_path):
    away = f"http://localhost:{running.free_port()}"
    how = {"said": ELSEWHERE[generator].format(away), "tag": TAG.replace(BLOG, away)}
    done, page = build(generator, tmp_path, tmp_path / "nothing", **how)
    assert done.returncode == 0
    assert "Comments were not baked" in done.stdout + done.stderr
    assert "Words." in page.read_text(encoding="utf-8")
    strict, _ = build(generator, tmp_path, tmp_path / "nothing", **how, strict=True)
    assert strict.returncode != 0


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.__name__)
def test_a_database_that_is_away_costs_a_warning_and_no_build(generator, tmp_path):
    words, page = generator(tmp_path)
    away = f"postgresql+psycopg://127.0.0.1:{running.free_port()}/comments"
    done = run(words, tmp_path, running.environment(tmp_path / "data", database_url=away))
    assert done.returncode == 0
    assert "Comments were not baked: The database cannot be" in done.stdout + done.stderr
    assert "Words." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("builder", "page"),
    [("dirhtml", "first-post/index.html"), ("singlehtml", "index.html"), ("epub", None)],
)
def test_sphinx_bakes_what_is_a_site_and_no_book(tmp_path, commented, builder, page):
    said = 'version = "1"\ncopyright = "A"\n'  # which a book warns of
    words, _ = sphinx(tmp_path, said=said, strict=True)
    words[words.index("html")] = builder
    words += ["-d", "read"]  # else the book finds there what it does not know
    done = run(words, tmp_path, running.environment(commented))
    assert done.returncode == 0, done.stdout + done.stderr
    baked = [one for one in (tmp_path / "out").rglob("*html") if "data-baked" in one.read_text()]
    assert baked == ([tmp_path / "out" / page] if page else [])


def test_no_generator_is_needed_to_run_the_service():
    names = "{'pelican', 'mkdocs', 'sphinx'}"
    check = f"import sys, afterword.cli; sys.exit(bool({names} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
