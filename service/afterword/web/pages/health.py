"""For whatever watches the service: is the process up, can it answer."""

from __future__ import annotations

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from afterword.core.db import db
from afterword.core.errors import NotReady
from afterword.operate import migrate
from afterword.web.pages import pages


@pages.get("/healthz")
def show_health() -> Response:
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def show_readiness() -> Response:
    try:
        is_ready = migrate.is_current(db.session.connection())
    except SQLAlchemyError:
        is_ready = False
    if not is_ready:
        raise NotReady("The database is not reachable or not up to date.", retry_after=5)
    return Response("ready\n", mimetype="text/plain")
