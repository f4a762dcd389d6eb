"""Leaving SQLite and coming back: whether a byte of the export differs, and how long each way is.

Run it with ``python -m tests.bench.databases [COMMENTS]``; 100,000 take some minutes. A made Disqus
export goes into SQLite, what that exports into a PostgreSQL of our own that sorts as people do, and
what that one exports into another SQLite: each by the command, as an owner does it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from hashlib import file_digest
from pathlib import Path

from tests import running
from tests.bench import exports
from tests.postgresql import Server

KEY = "blog.example"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(
        prog="python -m tests.bench.databases", description=main.__doc__
    )
    words.add_argument("comments", nargs="?", type=int, default=100_000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as room, Server.running() as server:
        folder = Path(room)
        made = folder / "export.xml.gz"
        exports.disqus(asked.comments, made)
        digests = []
        known = {"SQLite": None, "PostgreSQL": server.new_database(sorts_as="en"), "again": None}
        for name, address in known.items():
            data, out = folder / name, folder / f"{name}.jsonl"
            settings = {"database_url": address} if address else {}
            _told(data, "sites", "add", exports.BLOG, **settings)
            brought = _told(data, "import", "auto", str(made), "--site", KEY, **settings)
            written = _told(data, "export", str(out), "--site", KEY, **settings)
            with out.open("rb") as file:
                digests.append(file_digest(file, "sha256").hexdigest())
            print(
                f"{name:10}  in: {brought[0]:6,.0f} s, {brought[1]:4,.0f} MB"
                f"   out: {written[0]:5,.0f} s, {written[1]:4,.0f} MB"
                f"   {out.stat().st_size:,} bytes, SHA-256 {digests[-1][:16]}",
                flush=True,
            )
            made = out
    if len(set(digests)) > 1:
        raise SystemExit("The exports differ.")
    print(f"The exports of {asked.comments:,} comments are the same, byte for byte.")


def _told(data: Path, *words: str, **settings: str) -> tuple[float, float]:
    """Run a command to its end: the seconds and, at most, the MB that it took."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "afterword", *words],
        env=running.environment(data, **settings),
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"afterword {words[0]} failed.")
    return time.monotonic() - began, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
