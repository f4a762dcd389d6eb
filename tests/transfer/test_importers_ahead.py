"""A large file is worked on by several processes: what comes of it is the same."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys

import pytest

from tests import databases, running
from tests.bench import exports

pytestmark = pytest.mark.slow
MANY = 5000  # two megabytes
WORKING = 3  # one reads, one renders, one plans and writes


@pytest.fixture
def data(tmp_path):
    running.installed(tmp_path / "data", exports.BLOG)
    return tmp_path / "data"


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "in.xml.gz"
    exports.disqus(MANY, file)
    return file


def test_every_comment_of_a_large_file_arrives(data, export):
    done = running.command(data, "import", "disqus", str(export), "--site", exports.BLOG)
    assert f"{MANY} comments read: {MANY} added, 0 there." in done.stdout, done.stderr
    assert stored(data) == MANY


def test_a_large_file_that_is_malformed_at_its_end_writes_nothing_and_says_where(data, export):
    whole = gzip.decompress(export.read_bytes())
    broken = export.with_name("broken.xml")
    broken.write_bytes(whole.replace(b"</disqus>", b"<post></disqus>"))
    done = running.command(data, "import", "disqus", str(broken), "--site", exports.BLOG)
    assert done.returncode == 1
    last = whole.count(b"\n")
    assert f"line {last}, column 9: not well-formed XML" in done.stderr
    assert "Traceback" not in done.stderr
    assert stored(data) == 0


def test_an_import_that_is_killed_leaves_no_process_behind(data, export):
    begun = importing(data, export)
    begun.kill()
    begun.communicate()
    running.wait_until(lambda: not processes(begun.pid))


def test_an_import_one_of_whose_processes_is_killed_says_so_and_writes_nothing(data, export):
    begun = importing(data, export)
    for process in processes(begun.pid):
        if process != begun.pid:
            os.kill(process, signal.SIGKILL)
            break
    said = begun.communicate()[1]
    assert begun.returncode == 1
    assert "The process that read the file was ended" in said
    assert "Traceback" not in said
    assert stored(data) == 0
    running.wait_until(lambda: not processes(begun.pid))


def importing(data, export):
    """An import whose processes have all begun to work."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "afterword", "import", "disqus", export, "--site", exports.BLOG],
        env=running.environment(data),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    running.wait_until(lambda: len(processes(begun.pid)) == WORKING)
    return begun


def processes(session):
    """Those of a session, by number."""
    listed = ["pgrep", "--session", str(session)]
    found = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return [int(number) for number in found.split()]


def stored(data):
    return databases.rows(data, "SELECT count(*) FROM comments")[0][0]
