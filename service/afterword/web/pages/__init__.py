"""Pages for readers and their browsers: no JavaScript needed, no cookie set."""

from flask import Blueprint

pages = Blueprint("pages", __name__)

from afterword.web.pages import demo, health, permalink, report, thread, widget  # noqa: E402,F401
