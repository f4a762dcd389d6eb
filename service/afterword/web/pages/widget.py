"""The widget's script, ready in every coding; under its content's name it never changes."""

from __future__ import annotations

from flask import Response, abort

from afterword.threads.cache import ReadyThreads
from afterword.web import ready
from afterword.web.embed import script
from afterword.web.pages import pages

SHORT_SECONDS = 300
_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",  # SRI wants crossorigin (W3C SRI, 3.2)
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Packed once, sent for months: what is committed changes nothing about it.
_scripts = ReadyThreads(4 * 1024 * 1024, changes=lambda: 0, quality=11)


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
