"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response

from afterword.web import address, ready

# Our own pages: nothing inline, nothing from elsewhere, in nobody's frame.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# An answer that is data: whoever opens it as a page can do nothing with it.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

_PAGES = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), "
        "payment=(), usb=()",
    ),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)


def start(app: Flask) -> None:
    """Put the headers on every answer of this application."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """The answer with the headers that it lacks. The last of the hooks that an answer passes."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    is_page = response.mimetype == "text/html"
    if is_page:
        for name, value in _PAGES:
            headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    # Blogs read us by CORS, which this leaves alone; it keeps us out of others' tags and processes.
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if address.is_https():
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.setdefault("Cache-Control", "no-store")
    ready.keep_head(response)
    return response
