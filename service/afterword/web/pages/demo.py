"""``/demo``: a sample blog post with the tag, to try everything on."""

from __future__ import annotations

from flask import Response, abort, current_app, make_response, render_template

from afterword.core import config
from afterword.sites import directory
from afterword.web.pages import pages


@pages.get("/demo")
def show_demo() -> Response:
    if not current_app.extensions["afterword.demo"] and directory.every():
        abort(404)
    host = config.public_url()
    response = make_response(render_template("demo.html", host=host))
    # What a blog with a strict policy has to allow, and nothing else; see docs/embed.md.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {host}; connect-src {host}; img-src {host}; "
        "style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response
