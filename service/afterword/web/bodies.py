"""How much of the body of a request is read."""

from __future__ import annotations

from typing import Final

from flask import Flask, request

FORM: Final = "application/x-www-form-urlencoded"
MOST: Final = 64 * 1024
# In a form a letter is up to twelve bytes, so the longest text that a site may take has nearly
# 100 kB (``max_length``). One that is too long has to be read, or its writer would not get it back.
MOST_OF_FORM: Final = 256 * 1024


def start(app: Flask) -> None:
    """Refuse longer ones (413)."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MOST
    app.before_request(_read_forms)


def most(content_type: str) -> int:
    """How many bytes a body of this type may have."""
    kind = content_type.partition(";")[0].strip().lower()
    return MOST_OF_FORM if kind == FORM else MOST


def _read_forms() -> None:
    request.max_content_length = most(request.content_type or "")
