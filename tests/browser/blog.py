"""Somebody's blog: host pages with the tag in them, on an origin of its own."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

PAGES = Path(__file__).parent / "pages"
TAG = (
    '<script src="{service}/embed.js" async {attributes}></script>\n'
    '<noscript><a href="{service}/thread?url={url}">Comments</a></noscript>'
)


@dataclass
class Blog:
    """A running blog. Its pages are the files of ``pages``, by name, with any path behind."""

    url: str
    service_url: str = ""
    attributes: str = ""
    branch: str = ""
    held: dict[str, str] = field(default_factory=dict)
    all: ClassVar[set[str]] = set()

    def begin(self, branch: str = "") -> None:
        """Have nothing said on the tag and no page rewritten; with a branch of its own, pages that
        nobody has been on."""
        self.branch, self.attributes = branch, ""
        self.held.clear()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Blog]:
        """Serve the host pages until the block ends."""
        server = _Server(("127.0.0.1", 0), _Host)
        server.blog = blog = cls(f"http://localhost:{server.server_port}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        cls.all.add(f"{blog.url}/")
        try:
            yield blog
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def page(self, name: str = "plain", path: str = "") -> str:
        """The address of a host page; ``path`` makes several pages of one file."""
        return f"{self.url}/{name}{self.branch}{path}"

    def html(self, name: str, url: str) -> str:
        """The page's source with the tag in its place, or what is held instead of it."""
        if name in self.held:
            return self.held[name]
        source = (PAGES / f"{name}.html").read_text(encoding="utf-8")
        tag = TAG.format(service=self.service_url, attributes=self.attributes, url=url)
        source = source.replace("<!-- COMMENTS-TAG -->", tag)
        return source.replace("{{WIDGET_ORIGIN}}", self.service_url)


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # five wait by default, and a machine may pause


class _Host(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        blog: Blog = self.server.blog  # type: ignore[attr-defined]
        name = urlsplit(self.path).path.strip("/").partition("/")[0]
        if not (PAGES / f"{name}.html").is_file():
            self.send_error(404)
            return
        body = blog.html(name, blog.url + self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: what matters is what the browser says."""
