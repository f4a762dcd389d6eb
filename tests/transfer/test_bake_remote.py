"""Baking on a machine that has no database: what a running service says gives the same bytes."""

from __future__ import annotations

import errno
import json
import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from afterword.app import opened
from afterword.cli import cli
from afterword.cli.bake import bake_command
from afterword.core import config
from afterword.generators import baking
from afterword.operate import migrate
from afterword.sites import changes, directory
from afterword.transfer.bake.run import Stored, bake
from tests import make, running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow
NOT_ON_WINDOWS = ["fcntl", "grp", "pwd", "resource", "termios"]
TAG = '<script src="{}/embed.js" async></script>'


@pytest.fixture
def service(tmp_path):
    """A service with a page of 130 roots, of which one has 120 answers and one is pinned."""
    data = tmp_path / "data"
    migrate.upgrade(config.read(running.environment(data)))
    inside(data, fill)
    with running.serving(data, form_checks="off", rate_limits="off") as service:
        yield service


def inside(data, act):
    with opened(config.read(running.environment(data))):
        return act()


def fill():
    changes.add(BLOG)
    page = make.page(directory.of_url(BLOG))
    roots = make.comments(page, 130)
    for minute in range(120):
        make.comment(page, roots[5], minute=200 + minute, html=f"<p>Answer {minute}</p>")
    make.comment(page, minute=400, html="<p>First</p>", is_pinned=True)
    make.page(directory.of_url(BLOG), f"{BLOG}/quiet")


def built(folder, url):
    for name in ("first-post", "quiet", "never"):
        (folder / name).mkdir(parents=True)
        (folder / name / "index.html").write_text(f"<p>{name}</p>\n{TAG.format(url)}\n")
    return folder


def run(folder, service, *more):
    asked = [str(folder), "--from", service.url, "--site", "blog.example", *more]
    answer = CliRunner().invoke(bake_command, asked, catch_exceptions=False)
    return answer.output


def contents(folder):
    return {path.parent.name: path.read_text() for path in sorted(folder.rglob("*.html"))}


def test_the_service_and_its_database_bake_the_same(service, tmp_path):
    here, there = built(tmp_path / "here", service.url), built(tmp_path / "there", service.url)
    inside(
        tmp_path / "data",
        lambda: bake(here, Stored(directory.of_url(BLOG)), service=service.url),
    )
    assert "3 pages written" in run(there, service)
    assert contents(there) == contents(here)
    assert contents(there)["first-post"].count("<article>") == 251
    assert "0 pages written, 3 were up to date" in run(there, service)


@pytest.mark.parametrize("name", ["pelican", "mkdocs", "sphinx"])
def test_a_build_on_windows_asks_the_service(service, tmp_path, name):
    folder = built(tmp_path / "site", service.url)
    begin = f"import sys; sys.modules.update(dict.fromkeys({NOT_ON_WINDOWS}))"
    begin += f"; import afterword.generators.{name}; from afterword.cli import cli; cli()"
    asked = ["bake", str(folder), "--from", service.url, "--site", "blog.example"]
    done = subprocess.run(
        [sys.executable, "-c", begin, *asked], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("3 pages written"), done.stderr


def test_the_address_of_a_service_may_end_with_a_slash(service, tmp_path):
    without, ending = (
        built(tmp_path / "without", service.url),
        built(tmp_path / "with", service.url),
    )
    run(without, service)
    asked = [str(ending), "--from", f"{service.url}/", "--site", "blog.example"]
    CliRunner().invoke(bake_command, asked, catch_exceptions=False)
    assert contents(ending) == contents(without)


@pytest.mark.parametrize("is_away", [True, False])
def test_a_folder_may_be_a_blog_below_a_path(service, tmp_path, is_away):
    inside(tmp_path / "data", lambda: say_more(f"{BLOG}/blog/never"))
    folder = built(tmp_path / "site", service.url)
    asked = [str(folder), "--site", f"{BLOG}/blog/"]
    asked += ["--from", service.url] if is_away else []
    env = running.environment(tmp_path / "data", public_url=service.url)
    done = CliRunner().invoke(bake_command, asked, env=env, catch_exceptions=False)
    assert done.output.startswith("3 pages written")
    counts = {name: text.count("<article>") for name, text in contents(folder).items()}
    assert counts == {"first-post": 0, "never": 1, "quiet": 0}


def test_a_build_makes_no_database_in_the_folder_of_a_blog(tmp_path, monkeypatch):
    """Hugo takes what lies in ``data`` for its own, and its next build would fail."""
    built(tmp_path / "public", BLOG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AFTERWORD_DATA", raising=False)
    done = CliRunner().invoke(cli, ["bake", "public", "--site", "blog.example"])
    assert done.exit_code == 1
    assert f"There is no database at {tmp_path / 'data' / 'afterword.db'}." in done.output
    assert "AFTERWORD_DATA" in done.output
    assert "--from" in done.output
    assert [one.name for one in tmp_path.iterdir()] == ["public"]


@pytest.mark.parametrize("beside", [["public"], ["data", "public"]])
def test_a_build_with_the_database_of_a_server_leaves_nothing_beside_its_pages(
    postgresql, tmp_path, monkeypatch, beside
):
    told = {"AFTERWORD_DATABASE_URL": postgresql}
    with opened(config.read({**told, "AFTERWORD_DATA": str(tmp_path / "service")})):
        fill()
    blog = tmp_path / "blog"
    for name in beside:
        (blog / name).mkdir(parents=True)
    built(blog / "public", BLOG)
    monkeypatch.chdir(blog)
    monkeypatch.delenv("AFTERWORD_DATA", raising=False)
    done = CliRunner().invoke(cli, ["bake", "public", "--site", "blog.example"], env=told)
    assert done.output.startswith("3 pages written")
    left = sorted(str(one.relative_to(blog)) for one in blog.rglob("*"))
    assert [one for one in left if not one.startswith("public/")] == beside


@pytest.mark.parametrize("beside", [["public"], ["data", "public"]])
def test_a_build_with_a_file_of_sqlite_elsewhere_asks_for_the_folder_of_data_too(
    tmp_path, monkeypatch, beside
):
    told = {"AFTERWORD_DATABASE_URL": f"sqlite:///{tmp_path / 'comments.db'}"}
    service = {"AFTERWORD_DATA": str(tmp_path / "service")}
    with opened(config.read(told | service)):
        fill()
    blog = tmp_path / "blog"
    for name in beside:
        (blog / name).mkdir(parents=True)
    built(blog / "public", BLOG)
    monkeypatch.chdir(blog)
    monkeypatch.delenv("AFTERWORD_DATA", raising=False)
    asked = ["bake", "public", "--site", "blog.example"]
    done = CliRunner().invoke(cli, asked, env=told)
    assert done.exit_code == 1
    assert f"The service was never in {blog / 'data'}. Set AFTERWORD_DATA too" in done.output
    missing = told | {"AFTERWORD_DATA": str(blog / "none")}
    assert CliRunner().invoke(cli, asked, env=missing).exit_code == 1
    left = sorted(str(one.relative_to(blog)) for one in blog.rglob("*"))
    assert [one for one in left if not one.startswith("public/")] == beside
    done = CliRunner().invoke(cli, asked, env=told | service)
    assert done.output.startswith("3 pages written")


def test_a_build_in_the_folder_of_a_service_needs_no_word_of_its_data(tmp_path, monkeypatch):
    told = {"AFTERWORD_DATABASE_URL": f"sqlite:///{tmp_path / 'comments.db'}"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AFTERWORD_DATA", raising=False)
    with opened(config.read(told)):
        fill()
    built(tmp_path / "public", BLOG)
    done = CliRunner().invoke(cli, ["bake", "public", "--site", "blog.example"], env=told)
    assert done.output.startswith("3 pages written")


def test_what_has_not_changed_is_not_read_again(service, tmp_path):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    run(folder, service, "--keep", str(kept))
    seen = kept.read_text()
    assert "Answer 7<" in seen
    # What the file says is believed as long as the service answers that nothing has changed.
    kept.write_text(seen.replace("Answer 7<", "Kept words<"))
    run(folder, service, "--keep", str(kept))
    assert "Kept words<" in contents(folder)["first-post"]
    assert set(json.loads(seen)) == set(json.loads(kept.read_text()))


@pytest.mark.parametrize(
    "damaged", [b"", b'{"http', b"[]", b"\xff", b'{"a": {"etag": "x"}}', b'{"a": 5}', b"[" * 90_000]
)
def test_a_damaged_file_of_what_was_kept_is_as_none(service, tmp_path, damaged):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    kept.write_bytes(damaged)
    said = run(folder, service, "--keep", str(kept))
    assert said.startswith(f"{kept} cannot be read: all is read anew, and it is replaced.\n3 pages")
    again = run(folder, service, "--keep", str(kept))
    assert again.startswith("0 pages written, 3 were up to date")


def test_a_build_does_not_end_for_a_damaged_file(service, tmp_path, caplog):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    kept.write_text('{"http')
    with caplog.at_level(logging.INFO):
        baking.in_build(folder, wanted(service, kept), logging.getLogger("build"))
    assert [record.levelname for record in caplog.records if record.name == "build"] == ["INFO"] * 2
    assert "cannot be read" in caplog.text


def test_what_was_kept_stays_whole_when_the_disk_is_full(service, tmp_path, monkeypatch):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    baking.built(folder, wanted(service, kept))
    seen = kept.read_bytes()
    kept.chmod(0o640)
    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space left"):
        baking.built(folder, wanted(service, kept))
    assert (kept.read_bytes(), stat.S_IMODE(kept.stat().st_mode)) == (seen, 0o640)
    assert [path for path in tmp_path.iterdir() if "kept" in path.name] == [kept]


def wanted(service, kept):
    return baking.Wanted(site="blog.example", service=service.url, keep=kept)


def half(path, content):
    with path.open("wb") as out:
        out.write(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_what_came_since_is_read(service, tmp_path):
    folder, kept = built(tmp_path / "site", service.url), tmp_path / "kept.json"
    run(folder, service, "--keep", str(kept))
    inside(tmp_path / "data", say_more)
    # A cache of the service may hold its answer for a second.
    while "1 pages written" not in run(folder, service, "--keep", str(kept)):
        pass
    assert contents(folder)["never"].count("<article>") == 1


def test_a_build_fails_by_check_while_a_page_is_out_of_date(service, tmp_path):
    folder = built(tmp_path / "site", service.url)
    before = contents(folder)
    asked = [str(folder), "--from", service.url, "--site", "blog.example", "--check"]
    answer = CliRunner().invoke(bake_command, asked)
    assert answer.exit_code == 1
    assert answer.output.count("index.html is out of date.") == 3
    assert contents(folder) == before
    run(folder, service)
    assert CliRunner().invoke(bake_command, asked).exit_code == 0


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (TAG.format(BLOG), "No page has the tag of"),
        (TAG.replace(" async", ' async data-url="http://localhost:1313/x"'), "localhost:1313"),
    ],
)
def test_a_build_fails_by_check_where_nothing_could_be_checked(service, tmp_path, tag, said):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.html").write_text(tag.format(service.url))
    asked = [str(folder), "--from", service.url, "--site", "blog.example"]
    assert CliRunner().invoke(bake_command, asked).exit_code == 0
    answer = CliRunner().invoke(bake_command, [*asked, "--check"])
    assert answer.exit_code == 1
    assert said in answer.output
    assert answer.output.endswith("Error: Not everything could be checked.\n")


def say_more(url=f"{BLOG}/never"):
    make.comment(make.page(directory.of_url(BLOG), url), minute=1)


def test_a_service_that_is_away_changes_no_page_and_says_so(tmp_path):
    folder = built(tmp_path / "site", "http://127.0.0.1:9")
    before = contents(folder)
    asked = [str(folder), "--from", "http://127.0.0.1:9", "--site", "blog.example"]
    answer = CliRunner().invoke(bake_command, asked)
    assert answer.exit_code == 1
    assert "The service does not answer" in str(answer.exception)
    assert contents(folder) == before
