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
    import_ours()
    for name in LATER:
        importlib.import_module(name)


def import_ours() -> None:
    """Import all of our modules but those for programs that are not here: generators, Sentry."""
    for found in pkgutil.walk_packages(afterword.__path__, "afterword."):
        if found.name.endswith(("__main__", ".env")):
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.partition(".")[0] == "afterword":
                raise


if __name__ == "__main__":
    main()
