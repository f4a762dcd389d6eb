"""How long it takes to bake a blog: from the database, and from a service that runs elsewhere.

Run it with ``python -m tests.bench.baking [PAGES] [--each COMMENTS]``. The promise: 1,000 pages in
less than 10 seconds. Measured is the command as a build calls it, its start included: everything
anew, again without news, and from a service first without and then with what the last build kept.
A service that answers on the same machine takes its own share of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import running
from tests.bench import exports

PROMISE = 10.0  # seconds for 1,000 pages
HEAD = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{0}</title></head>\n'
BODY = "<body><article><h1>{0}</h1>{1}</article>\n{2}\n</body></html>\n"
TAG = '<script src="{}/embed.js" async></script>'
SERVICE = "https://comments.example"
WORDS = "<p>" + "A paragraph of the post, as long as they are. " * 20 + "</p>\n"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.baking", description=main.__doc__)
    words.add_argument("pages", nargs="?", type=int, default=1000)
    words.add_argument("--each", type=int, default=20, metavar="COMMENTS", help="on each page")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as room:
        folder, data = Path(room, "public"), Path(room, "data")
        made, kept = Path(room, "export.xml.gz"), Path(room, "kept.json")
        exports.disqus(asked.pages * asked.each, made, a_page=asked.each)
        _told(data, "sites", "add", exports.BLOG)
        _told(data, "import", "disqus", str(made), "--site", "blog.example")
        here = ("--site", "blog.example")
        _measured("the database", asked.pages, data, *_build(folder, asked.pages), *here)
        _measured("the database, no news", asked.pages, data, str(folder), *here)
        with running.serving(data, rate_limits="off") as service:
            there = ("--site", exports.BLOG, "--from", service.url, "--keep", str(kept))
            pages = _build(folder, asked.pages, service.url)
            _measured("a service", asked.pages, data, *pages, *there)
            _measured("a service, no news (304)", asked.pages, data, str(folder), *there)


def _build(folder: Path, many: int, service: str = SERVICE) -> tuple[str]:
    """Pages as a generator writes them, with twenty paragraphs and the tag."""
    tag = TAG.format(service)
    for page in range(many):
        file = folder / exports.path(page).strip("/") / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        title = f"Post {page}"
        file.write_text(HEAD.format(title) + BODY.format(title, WORDS * 20, tag), encoding="utf-8")
    return (str(folder),)


def _measured(name: str, pages: int, data: Path, *words: str) -> None:
    began, used = time.monotonic(), os.times()
    said = _told(data, "bake", *words)
    seconds, now = time.monotonic() - began, os.times()
    processor = now.children_user + now.children_system - used.children_user - used.children_system
    kept = "" if seconds * 1000 / pages < PROMISE else f"   MORE THAN {PROMISE:.0f} s"
    print(f"{name:26} {seconds:6.1f} s, {processor:5.1f} s of processor   {said}{kept}")


def _told(data: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "afterword", *words],
        env=running.environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
