"""The widget's files, ready in every coding; under its content's name a script never changes."""

from __future__ import annotations

from flask import Response, abort

from afterword.web import embed, ready
from afterword.web.pages import pages

SHORT_SECONDS = 300
_SHORT = f"public, max-age={SHORT_SECONDS}"
_LONG = "public, max-age=31536000, immutable"
_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",  # SRI wants crossorigin (W3C SRI, 3.2), modules CORS
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@pages.get("/embed.js")
def show_script() -> Response:
    return _show("embed.js", embed.script().body, _SHORT)


@pages.get("/embed-<version>.js")
def show_versioned_script(version: str) -> Response:
    if version != embed.script().version:
        abort(404)
    return _show("embed.js", embed.script().body, _LONG)


@pages.get("/embed.js.map")
def show_source_map() -> Response:
    return _show("embed.js.map", embed.script().source_map, _SHORT)


@pages.get("/parts/<version>/<name>.js")
def show_part(version: str, name: str) -> Response:
    """A part of the widget. A page that was loaded before an upgrade is given the one of today."""
    part = embed.parts().get(name) or abort(404)
    return _show(f"{name}.js", part.body, _LONG if embed.is_own_build(version) else "no-store")


@pages.get("/parts/<version>/<name>.js.map")
def show_source_map_of_part(version: str, name: str) -> Response:
    part = embed.parts().get(name)
    if part is None or not embed.is_own_build(version):
        abort(404)
    return _show(f"{name}.js.map", part.source_map, _SHORT)


@pages.get("/messages/<language>.json")
def show_messages(language: str) -> Response:
    """What the widget says in another language than English."""
    return _show(f"{language}.json", embed.messages().get(language) or abort(404), _SHORT)


def _show(name: str, body: bytes, caching: str) -> Response:
    is_script = name.endswith(".js")
    # Of the map only who debugs it wants to know (ECMA-426, the SourceMap header).
    mapped = {"SourceMap": f"{name}.map"} if is_script else {}
    return ready.show(
        ready.files(),
        (name, caching),
        generation=None,
        version=ready.carried,
        render=lambda: body,
        mimetype="text/javascript" if is_script else "application/json",
        headers={**_ANYWHERE, **mapped, "Cache-Control": caching},
    )
