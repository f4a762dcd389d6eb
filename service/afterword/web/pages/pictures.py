"""Pictures of those who signed in. Named by what they hold, so they never change."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, abort

from afterword.posting import pictures
from afterword.web.pages import pages

_NAME: Final = re.compile(r"[0-9a-f]{40}\Z")


@pages.get("/pictures/<name>.webp")
def show_picture(name: str) -> Response:
    body = pictures.find(name) if _NAME.match(name) else None
    if body is None:
        abort(404)
    response = Response(body, mimetype="image/webp")
    # A day: whoever takes a picture away wants it gone.
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
