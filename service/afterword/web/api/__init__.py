"""The JSON API, ``/api/v1``: no cookies, open reads, writes from a site's own pages."""

from flask import Blueprint

from afterword.web.api import access

api = Blueprint("api", __name__, url_prefix="/api/v1")
access.guard(api)

from afterword.web.api import comments, counts, forms, threads, votes  # noqa: E402,F401 - they add routes
