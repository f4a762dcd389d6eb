"""Pages for readers and their browsers: no JavaScript needed, no cookie set."""

from flask import Blueprint

pages = Blueprint("pages", __name__)

from afterword.web.pages import (  # noqa: E402
    demo,  # noqa: F401
    feeds,  # noqa: F401
    health,  # noqa: F401
    me,  # noqa: F401
    metrics,  # noqa: F401
    owner,  # noqa: F401
    permalink,  # noqa: F401
    pictures,  # noqa: F401
    privacy,  # noqa: F401
    profile,  # noqa: F401
    report,  # noqa: F401
    thread,  # noqa: F401
    webmention,  # noqa: F401
    widget,  # noqa: F401
)
