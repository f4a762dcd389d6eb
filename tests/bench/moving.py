"""How fast comments move in, and in how much memory: a made Disqus export, by the command.

Run it with ``python -m tests.bench.moving [COMMENTS] [--kill]``; 100,000 take about a minute.
Beside it stands what the machine can do at all: the same texts rendered and the same rows stored,
in the same order and as many in a transaction, by one process that does nothing else; a statement
for each row as a plain program would, and hundreds by one as an import does. The promises: 80 % of
the first and 1,000 comments a second at least, 300 MB at most. With ``--kill`` the import is killed
once in the middle, and run again.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, insert, select, text

from afterword.app import opened
from afterword.core import config
from afterword.core.db import db, make_room, transaction
from afterword.markup.render import sanitise
from afterword.sites.models import Site
from afterword.threads.models import Comment, Page
from tests import running
from tests.bench import exports

A_TRANSACTION = 2000


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.moving", description=main.__doc__)
    words.add_argument("comments", nargs="?", type=int, default=100_000)
    words.add_argument("--kill", action="store_true", help="once in the middle, then run it again")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file, data = Path(folder, "export.xml.gz"), Path(folder, "data")
        exports.disqus(asked.comments, file)
        done = running.command(data, "sites", "add", exports.BLOG)
        if done.returncode:
            raise SystemExit(done.stderr)
        if asked.kill:
            _kill_at(data, file, asked.comments // 2)
            print(f"{_stored(data):,} were there when it was killed")
        began = time.monotonic()
        megabytes = _imported(data, file)
        seconds = time.monotonic() - began
        print(f"{_stored(data):,} of {asked.comments:,} comments are there")
        plain = _able(Path(folder, "plain"), data, is_together=False)
        together = _able(Path(folder, "together"), data, is_together=True)
    print(f"{asked.comments / seconds:8,.0f} comments a second, {seconds:,.0f} s")
    print(f"{plain:8,.0f} a second rendered and stored one by one, and nothing else")
    print(f"{together:8,.0f} a second rendered and stored by hundreds, and nothing else")
    print(f"{megabytes:8,.0f} MB at most")


def _imported(data: Path, file: Path) -> float:
    """Bring the file in; answers the most memory that it took, in MB."""
    process = _begun(data, file)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("The import failed.")
    return used.ru_maxrss / 1024


def _kill_at(data: Path, file: Path, many: int) -> None:
    """Begin to bring the file in, and end it as a power cut does once so many comments are in."""
    process = _begun(data, file)
    while _stored(data) < many:
        if process.poll() is not None:
            raise SystemExit("The import ended before it could be killed.")
        time.sleep(0.2)
    process.kill()
    process.wait()


def _begun(data: Path, file: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "afterword", "import", "auto", str(file), "--site"]
    return subprocess.Popen([*words, "blog.example"], env=running.environment(data))


def _stored(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'afterword.db'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM comments").fetchone()[0])


def _able(data: Path, imported: Path, *, is_together: bool) -> float:
    """Comments a second that are rendered and stored when nothing else is done."""
    source = create_engine(f"sqlite:///{imported / 'afterword.db'}")
    with opened(config.read({"AFTERWORD_DATA": str(data)})), source.connect() as there:
        db.engine.dialect.use_insertmanyvalues_wo_returning = is_together
        for model in (Site, Page):
            rows = there.execute(select(model.__table__)).mappings().all()
            with transaction():
                db.session.execute(insert(model), [dict(row) for row in rows])
        many, seconds = 0, 0.0
        stored = there.execute(select(Comment.__table__).order_by(text("rowid"))).mappings()
        for some in stored.partitions(A_TRANSACTION):
            rows = [dict(row) for row in some]
            began = time.monotonic()
            for row in rows:
                row["html"] = sanitise(row["text"])
            with transaction():
                make_room(64)
                db.session.connection().execute(insert(Comment), rows)
            seconds += time.monotonic() - began
            many += len(rows)
    return many / seconds


if __name__ == "__main__":
    main()
