"""An import that is killed half-way, and run again, ends as one run would."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import databases, running
from tests.bench import exports

pytestmark = [pytest.mark.slow, pytest.mark.fault("R18")]
MANY = 6000  # in three transactions
SAID = """
    SELECT page.key, one.created, one.html, one.state, above.created FROM comments one
    JOIN pages page ON page.id = one.page_id LEFT JOIN comments above ON above.id = one.parent_id
    ORDER BY one.created
"""


def test_a_run_that_was_killed_and_run_again_ends_as_one_run(tmp_path, figure):
    file, killed, whole = tmp_path / "in.xml.gz", tmp_path / "killed", tmp_path / "whole"
    exports.disqus(MANY, file)
    words = ("import", "auto", str(file), "--site", exports.BLOG)
    for data in (killed, whole):
        running.installed(data, exports.BLOG)
    begun = subprocess.Popen(
        [sys.executable, "-m", "afterword", *words],
        env=running.environment(killed),
        stdout=subprocess.DEVNULL,
    )
    running.wait_until(lambda: databases.rows(killed, "SELECT 1 FROM comments LIMIT 1"))
    begun.kill()
    begun.wait()
    ((there,),) = databases.rows(killed, "SELECT count(*) FROM comments")
    assert 0 < there < MANY
    again = running.command(killed, *words)
    assert f"{MANY} comments read: {MANY - there} added, {there} there." in again.stdout
    assert running.command(whole, *words).returncode == 0
    assert databases.rows(killed, SAID) == databases.rows(whole, SAID)
    assert f"{MANY} comments read: 0 added, {MANY} there." in running.command(killed, *words).stdout
    figure(
        f"an import of {MANY:,} killed at {there:,}: run again it added {MANY - there:,}, run a "
        "third time 0; every row as in one run"
    )
