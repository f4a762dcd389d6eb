"""``/admin``: the desk of those who decide over comments."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")

from afterword.web.admin import access, comments, queue, session, setup, shown, sites  # noqa: E402,F401
