"""``afterword serve`` and ``afterword demo``."""

from __future__ import annotations

import click
from flask import Flask

from afterword.app import close, create_app, create_front
from afterword.cli import running
from afterword.core import metrics
from afterword.core.config import Settings
from afterword.identity import moderators
from afterword.operate import demo, migrate
from afterword.operate.serve import Place, refuse_taken, serve
from afterword.sites import directory

PORT = click.IntRange(1, 65535)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Processes; more need Redis.")
def serve_command(host: str, port: int, workers: int) -> None:
    """Migrate the database, then answer requests until SIGTERM.

    Requests in flight are finished.
    """
    _serve(Place(host=host, port=port, workers=workers), with_demo=False)


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Port to listen on.")
def demo_command(host: str, port: int) -> None:
    """Serve with a sample blog post to try everything on.

    The post's own site and comments are made when there is no site yet.
    """
    _serve(Place(host=host, port=port), with_demo=True)


def _serve(place: Place, *, with_demo: bool) -> None:
    settings = running.settings()
    refuse_taken(place)
    migrate.upgrade(settings)
    address = f"http://localhost:{place.port}"

    def make_app() -> Flask:
        return create_app(settings, address=address, demo=with_demo)

    with metrics.counting_together(settings, workers=place.workers):
        first = make_app()
        with first.app_context():
            if with_demo:
                demo.seed(settings.public_url or address)
            words = _words(settings, address, with_demo=with_demo)
        close(first)  # the workers open their own: SQLite's connections must not pass a fork
        serve(
            settings,
            place,
            make_app=lambda: create_front(make_app()),
            ready=lambda: click.echo(words),
        )


def _words(settings: Settings, address: str, *, with_demo: bool) -> str:
    """What an owner wants to know at a start, ready to be clicked and copied."""
    url = settings.public_url or address
    token = moderators.set_up_token()
    lines = ["", f"  Afterword is ready at {url}", ""]
    if with_demo or not directory.every():
        lines.append(f"  A post to try it on   {url}/demo")
    if token:
        lines.append(f"  Set up your desk      {url}/admin/setup#{token}")
        lines.append("                        (works once, for an hour; a new one at each start)")
    else:
        lines.append(f"  Your desk             {url}/admin/")
    lines.append(f'  The tag to paste      <script src="{url}/embed.js" async></script>')
    return "\n".join([*lines, ""])
