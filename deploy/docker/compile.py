"""Compile what the service imports, by importing it: the image cannot be written to later.

Python leaves the compiled form beside each module that it imports. All of our own modules are
imported, and what they import only when it is needed.
"""

import importlib
import pkgutil

import afterword

LATER = (
    *("afterword.operate.migrate", "alembic.command", "sqlalchemy.dialects.postgresql.psycopg"),
    *("gunicorn.app.base", "gunicorn.workers.gasgi", "gunicorn.arbiter", "uvloop", "webauthn"),
    *("redis", "apprise", "urllib.request", "sqlalchemy.dialects.sqlite", "logging.config"),
)


def main() -> None:
    """Import everything once."""
    for found in pkgutil.walk_packages(afterword.__path__, "afterword."):
        if not found.name.endswith(("__main__", ".env")):
            importlib.import_module(found.name)
    for name in LATER:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
