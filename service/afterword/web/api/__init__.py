"""The JSON API, ``/api/v1``: no cookies, open reads, writes from a site's own pages."""

from flask import Blueprint

from afterword.web.api import access

api = Blueprint("api", __name__, url_prefix="/api/v1")
access.guard(api)
access.guard_lost(api)

from afterword.web.api import (  # noqa: E402 - they add routes
    comments,  # noqa: F401
    counts,  # noqa: F401
    forms,  # noqa: F401
    openapi,  # noqa: F401
    reports,  # noqa: F401
    sign_in,  # noqa: F401
    stream,  # noqa: F401
    threads,  # noqa: F401
    votes,  # noqa: F401
)
