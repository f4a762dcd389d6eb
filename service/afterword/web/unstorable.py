"""NUL in a request, which is looked up in no table: PostgreSQL takes none in any text."""

from __future__ import annotations

from itertools import chain
from typing import Final

from flask import Flask, request

from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.markup import plain

# Searched for, and the name of a file from somebody's machine: anything goes, and is cleaned there.
_CLEANED: Final = frozenset({"admin.show_queue", "admin.begin_upload"})


def start(app: Flask) -> None:
    """Refuse it in every address, query and form of this application."""
    app.before_request(_refuse)


def _refuse() -> None:
    """Raise NotFound or BadRequest before any view is asked. JSON is looked at where it is read."""
    if "\0" in request.path:
        raise NotFound(_("There is nothing at this address."))
    if request.endpoint in _CLEANED:
        return
    for name, said in chain(request.args.items(multi=True), request.form.items(multi=True)):
        plain.refuse_unstorable(said, field=name)
