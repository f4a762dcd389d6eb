"""The application: wiring only, the one module that may import everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response

from afterword.core import cache, changes, db, limits, metrics, replica, signing
from afterword.core.changes import Changes
from afterword.core.config import Settings
from afterword.jobs.kinds import LANES
from afterword.jobs.worker import Worker
from afterword.live.hub import Hub
from afterword.operate import migrate
from afterword.operate.schedule import Schedule
from afterword.threads.cache import ReadyThreads
from afterword.web import bodies, errors, language, requests, security
from afterword.web.admin import admin
from afterword.web.api import api
from afterword.web.auth import auth
from afterword.web.front import Beside, Front
from afterword.web.pages import pages
from afterword.web.ready import Hot, ReadyResponse

FILES = 4 * 1024 * 1024  # bytes of the widget that are kept packed


class _Service(Flask):
    def process_response(self, response: Response) -> Response:
        """An answer whose headers are complete passes no hook again: that is most of its price."""
        if isinstance(response, ReadyResponse) and response.is_dressed:
            return response
        return super().process_response(response)


def create_app(
    settings: Settings, *, address: str = "http://localhost:8000", demo: bool = False
) -> Flask:
    """A complete WSGI application. ``address`` is where it listens when no public URL is set."""
    app = _Service(__name__, static_folder="web/static", template_folder="web/templates")
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["afterword.settings"] = settings
    app.extensions["afterword.keys"] = signing.ring(settings)
    app.extensions["afterword.address"] = address
    app.extensions["afterword.demo"] = demo
    counted = app.extensions["afterword.metrics"] = metrics.made(settings)
    replica.start(app, settings)
    watched = app.extensions["afterword.changes"] = changes.watch(settings)
    db.connect(app, settings, watched=watched)
    limits.start(app, settings)
    room = settings.cache_megabytes * 1024 * 1024
    shared = cache.shared(settings, address=settings.public_url or address)
    app.extensions["afterword.cache"] = shared
    count = counted.read if counted else None
    both: dict[str, Any] = {
        "changes": watched.seen,
        "is_cut_off": watched.is_cut_off,
        "most_stale": settings.most_stale_seconds,
        "count": count,
    }
    app.extensions["afterword.threads"] = ReadyThreads(room, shared=shared, **both)
    app.extensions["afterword.lists"] = ReadyThreads(room // 16, **both)
    # Packed once, sent for months: what is committed changes nothing about the widget's files.
    app.extensions["afterword.files"] = ReadyThreads(FILES, changes=lambda: 0, quality=11)
    app.extensions["afterword.hot"] = Hot(settings.database)
    for part in (bodies, errors, security, requests, language):
        part.start(app)
    for area in (api, pages, auth, admin):
        app.register_blueprint(area)
    return app


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The application over its migrated database, in whose context one is until the block ends."""
    migrate.upgrade(settings)
    app = create_app(settings)
    try:
        with app.app_context():
            yield app
    finally:
        close(app)


def close(app: Flask) -> None:
    """Let go of the database and of the caches: an application that is not served any more."""
    app.extensions["afterword.changes"].close()
    if app.extensions["afterword.cache"] is not None:
        app.extensions["afterword.cache"].close()
    with app.app_context():
        db.db.session.remove()
        for engine in db.db.engines.values():
            engine.dispose()


def create_front(app: Flask) -> Front:
    """The ASGI application that ``serve`` runs: the Flask one behind its ready bytes."""
    settings: Settings = app.extensions["afterword.settings"]
    watched: Changes = app.extensions["afterword.changes"]
    watched.seen()  # from now on it is known when the database hangs, though nobody has read yet
    counted = app.extensions["afterword.metrics"]
    count = counted.streams if counted else None
    hub = Hub(app.app_context, changes=watched.seen, most=settings.streams, count=count)
    app.extensions["afterword.hub"] = hub
    workers = [Worker(app.app_context, kinds) for kinds in LANES]
    beside: list[Beside] = [*workers, Schedule(settings)]
    return Front(app, threads=settings.threads, beside=beside, hub=hub)
