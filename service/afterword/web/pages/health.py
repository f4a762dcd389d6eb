"""For whatever watches the service: is the process up, can it answer."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from afterword.core import addresses, changes, config, limits
from afterword.core.db import db
from afterword.core.errors import NotReady
from afterword.core.i18n import _
from afterword.operate import migrate, seen
from afterword.operate.glance import Glance
from afterword.web.pages import pages


@pages.get(seen.PATH)
def show_health() -> Response:
    if seen.is_asked(config.current(), request.headers.get(seen.HEADER, "")):
        return jsonify(
            peer=request.remote_addr,
            trusted=addresses.is_within(
                request.remote_addr or "", config.current().trusted_proxies
            ),
            client=limits.client_address(),
            forwarded="X-Forwarded-For" in request.headers,
            host=request.host,
        )
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def show_readiness() -> Response:
    glance = current_app.extensions.setdefault("afterword.readiness", Glance(False))
    if changes.is_cut_off() or not glance.ask(_is_up_to_date):
        raise NotReady(_("The database is not reachable or not up to date."), retry_after=5)
    return Response("ready\n", mimetype="text/plain")


def _is_up_to_date(_last: bool) -> bool:
    try:
        return migrate.is_usable(db.session.connection())
    except SQLAlchemyError:
        return False
