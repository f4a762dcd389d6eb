"""Commands as scripts use them: what they print and how they end."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import click
import pytest
from click.testing import CliRunner

from afterword.app import opened
from afterword.cli import cli
from afterword.core import config
from afterword.core.db import db
from afterword.moderation.models import Act
from tests import running

pytestmark = pytest.mark.slow  # each command is a process of its own

BLOG = "https://blog.example"
# No file of a test's own folder has this name.
NOWHERE = "nowhere.jsonl"


@pytest.fixture
def run(tmp_path):
    """Run a command on this test's data folder."""

    def command(*words, **settings):
        return running.command(tmp_path / "data", *words, **settings)

    return command


@pytest.fixture
def site(tmp_path):
    running.installed(tmp_path / "data", BLOG, name="A blog")


def imported(run, tmp_path, *rows, site=BLOG, words=()):
    file = tmp_path / "in.jsonl"
    said = {"type": "comment", "page_url": f"{BLOG}/a", "text": "Hello."}
    said |= {"author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    file.write_text("".join(json.dumps({**said, **row}) + "\n" for row in rows))
    return run("import", "auto", str(file), "--site", site, "--json", *words)


def test_init_twice_changes_nothing(run, tmp_path):
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    words = ("init", "--site-origin", BLOG, "--admin-email", "owner@blog.example")
    first = run(*words, "--admin-password-file", str(password))
    assert (first.returncode, first.stderr) == (0, "")
    password.write_text("another password\n")
    again = run(*words, "--admin-password-file", str(password))
    assert again.returncode == 0
    assert "the password stays" in again.stdout
    listed = json.loads(run("sites", "list", "--json").stdout)
    assert [(one["key"], one["origins"]) for one in listed] == [("blog.example", [BLOG])]
    assert listed[0]["options"]["policy"] == "publish"
    assert "owner@blog.example" in run("moderators", "list").stdout


def test_sites_are_added_and_their_options_chosen(run, site):
    assert run("sites", "add", "http://localhost:1313", "--to", "blog.example").returncode == 0
    assert run("sites", "set", BLOG, "policy=hold-first", "max_links=0").returncode == 0
    listed = json.loads(run("sites", "list", "--json").stdout)
    assert listed[0]["origins"] == [BLOG, "http://localhost:1313"]
    assert listed[0]["options"]["policy"] == "hold-first"


def test_comments_are_decided_over_by_command(run, site, tmp_path):
    assert imported(run, tmp_path, {"id": "c1", "state": "pending"}, {"id": "c2"}).returncode == 0
    waiting = json.loads(run("comments", "list", "--state", "pending", "--json").stdout)
    assert [(one["id"], one["state"]) for one in waiting] == [("c1", "pending")]
    assert run("comments", "approve", "c1").stdout == "approve: 1 of 1 changed\n"
    assert run("comments", "spam", "c1", "c2").stdout == "spam: 2 of 2 changed\n"
    assert run("comments", "restore", "c1").returncode == 0
    listed = json.loads(run("comments", "list", "--json").stdout)
    assert {one["id"]: one["state"] for one in listed} == {"c1": "visible", "c2": "spam"}
    refused = run("comments", "approve", "nobody")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: There is no comment nobody.\n"


def test_pages_are_merged_and_parted(run, site, tmp_path):
    imported(run, tmp_path, *({"id": one, "page_url": f"{BLOG}/{one}"} for one in "ab"))

    def listed():
        return {
            page["url"]: page["count"] for page in json.loads(run("pages", "list", "--json").stdout)
        }

    tried = run("pages", "merge", f"{BLOG}/a", f"{BLOG}/b", "--dry-run")
    assert "would come: 1 visible." in tried.stdout
    assert listed() == {f"{BLOG}/a": 1, f"{BLOG}/b": 1}
    assert run("pages", "merge", f"{BLOG}/a", f"{BLOG}/b").returncode == 0
    assert listed() == {f"{BLOG}/b": 2}
    assert run("pages", "unmerge", f"{BLOG}/a").returncode == 0
    assert listed() == {f"{BLOG}/a": 1, f"{BLOG}/b": 1}
    assert run("pages", "unmerge", f"{BLOG}/a").returncode == 1


def test_pages_are_listed_closed_and_moved(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1"})
    assert run("pages", "close", f"{BLOG}/a").returncode == 0
    assert run("pages", "move", f"{BLOG}/a", f"{BLOG}/b").returncode == 0
    listed = json.loads(run("pages", "list", "--json").stdout)
    assert [(p["url"], p["is_open"], p["count"]) for p in listed] == [(f"{BLOG}/b", False, 1)]


def test_a_page_is_called_otherwise_by_its_owner(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1", "page_title": "BUY PILLS"})
    assert run("pages", "title", f"{BLOG}/a", " First\npost ").returncode == 0
    [page] = json.loads(run("pages", "list", "--json").stdout)
    assert page["title"] == "First post"
    assert run("pages", "title", f"{BLOG}/a", "").returncode == 0
    [page] = json.loads(run("pages", "list", "--json").stdout)
    assert page["title"] is None
    assert run("pages", "title", f"{BLOG}/nobody", "x").returncode == 1


def test_a_page_is_closed_before_anybody_wrote_there(run, site):
    assert run("pages", "close", f"{BLOG}/new/?utm_source=a").returncode == 0
    [page] = json.loads(run("pages", "list", "--json").stdout)
    assert (page["key"], page["is_open"], page["count"]) == ("blog.example/new", False, 0)
    assert run("pages", "open", f"{BLOG}/new").returncode == 0


def test_a_page_is_of_the_site_that_is_named_and_may_have_an_id_of_its_own(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1", "page_id": "boat"}, {"id": "c2"})
    run("sites", "add", "https://zoo.example")
    of_zoo = ("--site", "zoo.example")
    for words in (("close", f"{BLOG}/a"), ("move", f"{BLOG}/a", f"{BLOG}/b")):
        refused = run("pages", *words, *of_zoo)
        assert (refused.returncode, "belongs to another site" in refused.stderr) == (1, True)
    assert run("pages", "close", "id:boat", "--site", BLOG).returncode == 0
    assert run("pages", "merge", "id:boat", f"{BLOG}/a", "--site", BLOG).returncode == 0
    [page] = json.loads(run("pages", "list", "--json").stdout)
    assert (page["key"], page["is_open"], page["count"]) == ("blog.example/a", True, 2)


def test_all_comments_are_listed_unless_fewer_are_wanted(run, site, tmp_path):
    imported(run, tmp_path, *({"id": f"c{number}"} for number in range(120)))
    assert len(json.loads(run("comments", "list", "--json").stdout)) == 120
    assert len(run("comments", "list", "--limit", "7").stdout.splitlines()) == 7


def test_a_post_is_linked_to_a_page_and_unlinked(run, site):
    post = "https://social.example/@owner/100"
    linked = run("pages", "link", f"{BLOG}/a", post)
    assert "afterword sites set blog.example fediverse=hold" in linked.stdout
    assert post in run("pages", "list").stdout
    assert run("pages", "link", f"{BLOG}/a", "https://social.example/").returncode == 1
    assert run("pages", "unlink", f"{BLOG}/a").returncode == 0
    assert post not in run("pages", "list").stdout
    assert run("pages", "unlink", f"{BLOG}/a").returncode == 1


def test_a_table_of_moves_is_tried_followed_and_taken_back_as_one(run, site, tmp_path):
    imported(run, tmp_path, *({"id": one, "page_url": f"{BLOG}/old/{one}"} for one in "abc"))

    def listed():
        return [page["url"] for page in json.loads(run("pages", "list", "--json").stdout)]

    before, table = listed(), tmp_path / "moves.csv"
    table.write_text(f"{BLOG}/old/a,{BLOG}/first\n{BLOG}/none,{BLOG}/x\nalone\n")
    refused = run("pages", "move", "--csv", str(table))
    assert refused.returncode == 1
    assert re.findall(r"line (\d)", refused.stderr) == ["2", "3"]
    assert listed() == before
    table.write_text(f"{BLOG}/old/a,{BLOG}/first\n{BLOG}/old/b,{BLOG}/second\n")
    tried = run("pages", "move", "--csv", str(table), "--dry-run").stdout
    assert (tried.count("would move"), "unmove" in tried) == (2, False)
    assert listed() == before
    for words in (("--csv", str(table)), (f"{BLOG}/old/*", f"{BLOG}/new/")):
        moved = run("pages", "move", *words).stdout
        assert not set(listed()) & set(before[:2])
        number = re.search(r"unmove --act (\d+)$", moved.strip())[1]
        assert run("pages", "unmove", "--act", number).returncode == 0
        assert listed() == before
        again = run("pages", "unmove", "--act", number)
        assert (again.returncode, "taken back already" in again.stderr) == (1, True)
    assert run("pages", "unmove", "--act", "99").returncode == 1
    assert run("pages", "unmove").returncode == 2


def test_pages_that_may_be_one_are_listed_and_none_of_our_own_network_is_asked(run, tmp_path):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.timeout = 0
        server.handle_timeout = lambda: silent.append(True)
        origin, silent = f"http://127.0.0.1:{server.server_port}", []
        running.installed(tmp_path / "data", origin)
        rows = ({"id": one, "page_url": f"{origin}/{one}/soup-for-one"} for one in "ab")
        assert imported(run, tmp_path, *rows, site=origin).returncode == 0
        listed = run("pages", "twins", "--ask")
        server.handle_request()
    assert (listed.stderr, listed.returncode) == ("2 pages were asked.\n", 0)
    assert "Their addresses end alike." in listed.stdout
    assert silent == [True]


def test_an_import_prints_figures_that_add_up(run, site, tmp_path):
    done = imported(run, tmp_path, {"id": "c1"}, {"id": "c2", "page_url": "https://x.example/"})
    report = json.loads(done.stdout)
    assert (report["rows"], report["inserted"], report["skipped"]) == (2, 1, {"foreign_host": 1})


def test_pages_that_a_parameter_tells_apart_are_kept_apart_by_the_site_too(run, site, tmp_path):
    rows = [{"id": lang, "page_url": f"{BLOG}/a?lang={lang}"} for lang in ("de", "fr")]
    words = ("--keep-query", "lang,p")
    apart = ["blog.example/a?lang=de", "blog.example/a?lang=fr"]
    for more, pages in ((("--dry-run",), []), ((), apart)):
        assert imported(run, tmp_path, *rows, words=(*words, *more)).returncode == 0
        assert [page["key"] for page in json.loads(run("pages", "list", "--json").stdout)] == pages
        [told] = json.loads(run("sites", "list", "--json").stdout)
        assert told["options"]["keep_query"] == ("lang p" if pages else "")


def test_an_export_goes_in_again_unchanged(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1"}, {"id": "c2", "parent": "c1"})
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    assert run("export", "--site", BLOG, str(first)).returncode == 0
    fresh = tmp_path / "fresh"
    running.command(fresh, "init", "--site-origin", BLOG)
    assert running.command(fresh, "import", "native", str(first), "--site", BLOG).returncode == 0
    assert running.command(fresh, "export", "--site", BLOG, str(second)).returncode == 0
    assert first.read_bytes() == second.read_bytes()
    assert run("export", "--site", BLOG, "-").stdout.encode() == first.read_bytes()


def test_removing_a_site_exports_it_first(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1"})
    assert run("sites", "remove", BLOG, "--yes").returncode == 0
    assert json.loads(run("sites", "list", "--json").stdout) == []
    (export,) = (tmp_path / "data").glob("removed-*.jsonl")
    assert '"c1"' in export.read_text()
    with opened(config.read(running.environment(tmp_path / "data"))):
        assert db.session.query(Act).filter_by(verb="remove site").one().by == "command line"


def test_a_site_that_is_not_to_be_removed_after_all_is_written_to_no_file(run, site, tmp_path):
    assert run("sites", "remove", BLOG).returncode == 1  # asks, and nobody answers
    assert json.loads(run("sites", "list", "--json").stdout)
    assert list((tmp_path / "data").glob("*removed-*")) == []


def test_what_comes_while_a_removal_asks_is_in_its_file_too(run, site, tmp_path):
    imported(run, tmp_path, {"id": "c1"})
    removing = subprocess.Popen(
        [sys.executable, "-m", "afterword", "sites", "remove", BLOG],
        env=running.environment(tmp_path / "data"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    asked = ""
    while not asked.endswith("?"):
        asked += removing.stdout.read(1)
    assert asked == "Remove blog.example with 1 comments?"
    imported(run, tmp_path, {"id": "c2"})
    said, _ = removing.communicate("y\n")
    assert "blog.example is removed. Its comments are in" in said
    (export,) = (tmp_path / "data").glob("removed-*.jsonl")
    assert '"c2"' in export.read_text()


def test_whoever_is_added_first_owns_everything_and_others_moderate_all_sites(run, site):
    run("sites", "add", "https://zoo.example")
    for name in ("owner", "ada"):
        assert "/admin/password#" in run("moderators", "add", f"{name}@blog.example").stdout
    ada, owner = run("moderators", "list").stdout.splitlines()
    assert "moderator of A blog, zoo.example" in ada
    assert "  owner  (invited)" in owner


def test_a_forgotten_password_is_mended_by_a_link(run, site):
    run("moderators", "add", "owner@blog.example", "--owner")
    add = ("moderators", "add", "ada@blog.example")
    link = run(*add, "--site", "blog.example", public_url="https://c.example").stdout
    assert re.fullmatch(r"https://c\.example/admin/password#[\w-]{43}\n", link)
    assert run("moderators", "list").stdout.splitlines() == [
        "ada@blog.example  ada  moderator of A blog  (invited)",
        "owner@blog.example  owner  owner  (invited)",
    ]
    assert run("moderators", "reset", "nobody@blog.example").returncode == 1
    assert run("moderators", "remove", "ada@blog.example").returncode == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense",), 2),
        (("moderators", "add", "ada@blog.example", "--owner", "--site", "blog.example"), 2),
        (("moderators", "add", "ada@blog.example", "--site", "nowhere.example"), 1),
        (("sites", "set", BLOG, "policy"), 2),
        (("init",), 2),
        (("import", "native", NOWHERE, "--site", BLOG), 2),
        (("sites", "add", "blog"), 1),
        (("sites", "set", "nobody.example", "policy=publish"), 1),
        (("sites", "set", BLOG, "policy=sometimes"), 1),
        (("sites", "set", BLOG, "polcy=publish"), 1),
        (("pages", "close", "never"), 1),
        (("pages", "close", "id:never", "--site", BLOG), 1),
        (("pages", "open", f"{BLOG}/a", "--site", "nowhere.example"), 1),
        (("comments", "list", "--limit", "0"), 2),
        (("restore", NOWHERE), 1),
        (("serve", "--workers", "2"), 1),
    ],
)
def test_a_failure_is_one_sentence_and_an_exit_code(run, site, tmp_path, words, code):
    done = run(*(str(tmp_path / word) if word == NOWHERE else word for word in words))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert re.fullmatch(r"Error: [^\n]+[.?]\n", done.stderr), done.stderr


def test_a_wrong_setting_stops_the_start_with_one_sentence(run):
    done = run("serve", rate_limit="off")
    assert done.returncode == 1
    expected = "There is no setting AFTERWORD_RATE_LIMIT. Did you mean AFTERWORD_RATE_LIMITS?"
    assert done.stderr == f"Error: {expected}\n"


@pytest.mark.sqlite("its file is looked at")
@pytest.mark.parametrize(
    ("setting", "address", "package", "extra"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1", "redis", "redis"),
        ("DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/x", "psycopg", "postgresql"),
    ],
)
def test_a_setting_that_needs_an_extra_says_what_to_install(
    tmp_path, monkeypatch, setting, address, package, extra
):
    for name in (package, *(one for one in sys.modules if one.startswith(f"{package}."))):
        monkeypatch.setitem(sys.modules, name, None)
    said = f"AFTERWORD_{setting} needs an extra: pip install 'afterword[{extra}]'."
    told = {"AFTERWORD_DATA": str(tmp_path), f"AFTERWORD_{setting}": address}
    ended = CliRunner().invoke(cli, ["sites", "list"], env=told)
    assert (ended.exit_code, ended.output) == (1, f"Error: {said}\n")


def test_an_option_of_a_database_address_that_is_none_is_refused_by_its_name(tmp_path):
    address = "postgresql+psycopg://u:hunter2@127.0.0.1:1/d?nosuch=1"
    told = {"AFTERWORD_DATA": str(tmp_path), "AFTERWORD_DATABASE_URL": address}
    ended = CliRunner().invoke(cli, ["sites", "list"], env=told)
    said = 'The database cannot be used: invalid connection option "nosuch".'
    assert (ended.exit_code, ended.output) == (1, f"Error: {said}\n")


def _serve_to_the_end(tmp_path, *words):
    return subprocess.run(
        [sys.executable, "-m", "afterword", "serve", *words],
        env=running.environment(tmp_path / "other" / "data"),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_second_service_at_a_port_takes_no_readers_from_the_first(tmp_path):
    port = str(running.free_port())
    with running.serving(tmp_path / "one" / "data", port=int(port)) as first:
        for host in ("127.0.0.1", "0.0.0.0"):
            refused = _serve_to_the_end(tmp_path, "--host", host, "--port", port)
            assert (refused.returncode, refused.stdout) == (1, "")
            assert refused.stderr == (
                f"Error: Something listens at {host}, port {port}, already: stop it, or say "
                "another --port.\n"
            )
        assert not (tmp_path / "other").exists(), "nothing is made or changed for it"
        with urllib.request.urlopen(f"{first.url}/healthz") as answer:
            assert answer.status == 200


def test_an_address_of_another_machine_is_refused_in_a_sentence(tmp_path):
    refused = _serve_to_the_end(tmp_path, "--host", "192.0.2.1")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: Nobody can listen at 192.0.2.1, port 8000: Cannot")
    assert _serve_to_the_end(tmp_path, "--port", "65536").returncode == 2


def test_a_service_starts_again_at_its_port_as_soon_as_it_has_stopped(tmp_path):
    data, port = tmp_path / "data", running.free_port()
    with running.serving(data, port=port) as service:
        reader = socket.create_connection(("127.0.0.1", port))
        reader.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
        assert service.stop() == 0  # it closes the connection, whose port then rests a while
    reader.close()
    with running.serving(data, port=port):
        pass


def test_what_a_command_has_imported_is_not_looked_through_for_what_is_not_needed(tmp_path):
    said = """if True:
        import atexit, gc, sys
        from afterword.__main__ import main
        atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 50_000))
        sys.argv = ["afterword", "sites", "list"]
        main()
    """
    words = [sys.executable, "-c", said]
    environment = running.environment(tmp_path / "data")
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True True"


@pytest.mark.sqlite("its rows are in a file")
def test_doctor_finds_what_others_could_read(run, site, tmp_path):
    assert run("doctor").returncode == 0
    (tmp_path / "data" / "afterword.db").chmod(0o644)
    done = run("doctor")
    assert done.returncode == 1
    assert "chmod 600" in done.stdout
    found = json.loads(run("doctor", "--json").stdout)
    assert {"grade", "about", "sentence"} == set(found[0])


def test_what_a_command_changes_a_running_service_shows_within_a_second(run, site, tmp_path):
    import time
    import urllib.request

    imported(run, tmp_path, {"id": "c1"})
    with running.serving(tmp_path / "data") as service:
        address = f"{service.url}/api/v1/thread?url={BLOG}/a"

        def thread():
            with urllib.request.urlopen(address) as answer:
                return json.load(answer)

        assert thread()["page"]["count"] == 1

        def assert_seen_within_a_second(is_so):
            """By whoever asks after it, however long the answer then takes."""
            until = time.monotonic() + 1.0
            while True:
                asked = time.monotonic()
                if is_so(thread()):
                    return
                assert asked < until

        run("comments", "spam", "c1")
        assert_seen_within_a_second(lambda said: said["page"]["count"] == 0)
        run("sites", "set", BLOG, "max_length=500")
        assert_seen_within_a_second(lambda said: said["site"]["max_length"] == 500)


def test_a_table_of_moves_is_tried_before_the_first_is_made(run, site, tmp_path):
    pages = {name: f"{BLOG}/{name}" for name in "abc"}
    imported(run, tmp_path, *({"id": name, "page_url": url} for name, url in pages.items()))
    moves = tmp_path / "moves.csv"

    def moved(*rows, more=()):
        moves.write_text("\n".join(rows))
        return run("pages", "move", "--csv", str(moves), *more)

    def listed():
        return [page["url"] for page in json.loads(run("pages", "list", "--json").stdout)]

    refused = moved(f"{BLOG}/a,{BLOG}/x", f"{BLOG}/b,{BLOG}/x/", f"{BLOG}/z,{BLOG}/y", "alone")
    assert refused.returncode == 1
    assert [re.search("line [0-9]", line)[0] for line in refused.stderr.splitlines()[1:]] == [
        "line 2",
        "line 3",
        "line 4",
    ]
    assert listed() == list(pages.values())
    good = (f"{BLOG}/a,{BLOG}/x", "", f"{BLOG}/b, {BLOG}/y")
    assert moved(*good, more=["--dry-run"]).stdout.count("would move") == 2
    assert listed() == list(pages.values())
    assert moved(*good).returncode == 0
    assert listed() == [f"{BLOG}/c", f"{BLOG}/x", f"{BLOG}/y"]
    assert run("pages", "move", f"{BLOG}/a").returncode == 2


def test_an_address_of_another_site_is_not_said_to_be_added(run, site):
    assert run("sites", "add", "https://other.example").returncode == 0
    done = run("sites", "add", BLOG, "--to", "other.example")
    assert done.returncode == 1
    assert "belongs to the site blog.example already" in done.stderr


def test_files_that_cannot_be_used_are_named_in_one_sentence(run, site, tmp_path):
    nowhere = tmp_path / "nowhere" / "out.jsonl"
    done = run("export", "--site", BLOG, str(nowhere))
    assert (done.returncode, done.stderr) == (1, f"Error: {nowhere}: No such file or directory.\n")
    file = tmp_path / "file"
    file.touch()
    done = running.command(file / "data", "sites", "list")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_an_export_is_for_its_owner_alone(run, site, tmp_path):
    file = tmp_path / "out.jsonl"
    assert run("export", "--site", BLOG, str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".*.part")) == []


def test_a_file_of_another_format_fails_and_says_what_to_try(run, site, tmp_path):
    (tmp_path / "in.xml").write_text("<rss><channel/></rss>")
    done = run("import", "disqus", str(tmp_path / "in.xml"), "--site", BLOG)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"Error: [^\n]* of the format disqus\. Say auto [^\n]+\.\n", done.stderr)


def test_a_malformed_file_is_named_by_its_line_and_writes_nothing(run, site, tmp_path):
    file = tmp_path / "in.jsonl"
    file.write_text('{"afterword": 1}\n{"type": "comment"}\n')
    done = run("import", "auto", str(file), "--site", BLOG)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: line 2, column 1: ")
    assert json.loads(run("pages", "list", "--json").stdout) == []


def test_an_import_takes_standard_input(run, site, tmp_path):
    said = {"type": "comment", "id": "c1", "page_url": f"{BLOG}/a", "text": "Hello."}
    said |= {"author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    done = subprocess.run(
        [sys.executable, "-m", "afterword", "import", "auto", "-", "--site", BLOG, "--json"],
        env=running.environment(tmp_path / "data"),
        input=json.dumps(said),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["inserted"] == 1


def test_the_list_of_commands_cuts_no_sentence():
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=80).output
    assert "..." not in shown.partition("Commands:")[2]


def _commands(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(("path", "command"), list(_commands(cli)), ids=str)
def test_every_command_and_option_says_in_a_sentence_what_it_does(path, command):
    options = [one for one in command.params if isinstance(one, click.Option)]
    sentences = [command.help, *(one.help for one in options)]
    for sentence in sentences:
        assert sentence, path
        assert sentence[0].isupper() or sentence.startswith("native"), sentence
        assert sentence.rstrip().endswith("."), sentence


def test_a_secret_option_is_read_from_a_file_and_printed_nowhere(run, site, tmp_path):
    key = tmp_path / "key.txt"
    key.write_text("0123456789ab\n")
    said = [run("sites", "set", BLOG, f"akismet_key=@{key}", "max_links=1")]
    assert said[0].stdout == "blog.example: akismet_key, max_links=1\n"
    said.append(run("sites", "set", BLOG, "akismet_key=wrong-0123456789ab"))
    assert said[1].returncode == 1
    said += [run("sites", "list", "--json"), run("sites", "list")]
    assert json.loads(said[2].stdout)[0]["secrets"] == ["akismet_key"]
    assert not [one for one in said if "0123456789ab" in one.stdout + one.stderr]


def test_choices_are_tried_on_the_comments_that_came_and_not_kept(run, site, tmp_path):
    assert imported(run, tmp_path, {"id": "a", "text": "A kestrel."}, {"id": "b"}).returncode == 0
    words = ("moderate", "--dry-run", "hold_words=kestrel", "max_links=1")
    said = run(*words)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("hold_words=kestrel, max_links=1, with the last 2 comments:\n")
    assert re.search(r"would wait +1 +1 +0 +0 +0\n", said.stdout)
    assert "Treated differently than by the choices as they are: 1\n" in said.stdout
    assert "appear -> wait     now visible  Ada: A kestrel." in said.stdout
    assert "Akismet and your own checker are not asked." in said.stdout
    told = json.loads(run(*words, "--json", "--site", BLOG, "--last", "1").stdout)
    assert (told["comments"], sum(told["would"]["wait"].values())) == (1, len(told["different"]))
    assert run("moderate", "hold_words=kestrel").returncode == 2
    assert run("moderate", "--dry-run", "hold_wrods=kestrel").returncode == 1
    assert json.loads(run("sites", "list", "--json").stdout)[0]["options"]["hold_words"] == ""
