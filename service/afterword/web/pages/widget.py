"""The widget's script, ready in every coding; under its content's name it never changes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, abort

from afterword.threads.cache import ReadyThreads
from afterword.web import ready
from afterword.web.pages import pages

# In a wheel the built files lie beside this module, in a checkout where they are built.
_FOLDERS = (Path(__file__).parent / "widget", Path(__file__).parents[4] / "widget" / "dist")
SHORT_SECONDS = 300
_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",  # SRI wants crossorigin (W3C SRI, 3.2)
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Packed once, sent for months: what is committed changes nothing about it.
_scripts = ReadyThreads(4 * 1024 * 1024, changes=lambda: 0, quality=11)


@dataclass(frozen=True)
class Script:
    """The built widget."""

    body: bytes
    source_map: bytes

    @property
    def version(self) -> str:
        """Names these very bytes."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @property
    def integrity(self) -> str:
        """For the ``integrity`` attribute (W3C Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


@cache
def script() -> Script:
    """The widget that this installation carries."""
    folder = next(folder for folder in _FOLDERS if (folder / "embed.js").exists())
    return Script((folder / "embed.js").read_bytes(), (folder / "embed.js.map").read_bytes())


@pages.get("/embed.js")
def show_script() -> Response:
    return _show("embed.js", script().body, f"public, max-age={SHORT_SECONDS}")


@pages.get("/embed-<version>.js")
def show_versioned_script(version: str) -> Response:
    if version != script().version:
        abort(404)
    return _show("embed.js", script().body, "public, max-age=31536000, immutable")


@pages.get("/embed.js.map")
def show_source_map() -> Response:
    return _show("embed.js.map", script().source_map, f"public, max-age={SHORT_SECONDS}")


def _show(name: str, body: bytes, caching: str) -> Response:
    return ready.show(
        _scripts,
        (name, caching),
        generation=None,
        version=lambda: (1,),
        render=lambda: body,
        mimetype="text/javascript" if name.endswith(".js") else "application/json",
        headers={**_ANYWHERE, "Cache-Control": caching},
    )
