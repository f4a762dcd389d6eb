"""What commands run in: the settings of this environment and, where needed, the application."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from afterword.core import config
from afterword.core.config import Settings
from afterword.core.errors import NotFound
from afterword.operate import migrate
from afterword.sites import directory
from afterword.sites.directory import KnownSite


def settings() -> Settings:
    """The settings of this environment. Raises WrongSetting."""
    return config.read(os.environ)


def in_application(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command over the migrated database, in the application's context."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from afterword.app import close, create_app

        told = settings()
        migrate.upgrade(told)
        app = create_app(told)
        try:
            with app.app_context():
                return command(*args, **kwargs)
        finally:
            close(app)

    return run


def site(key: str) -> KnownSite:
    """The site that was named. Raises NotFound with the keys that there are."""
    known = directory.by_key(key)
    if known is None:
        keys = ", ".join(site.key for site in directory.every()) or "none yet"
        raise NotFound(f"There is no site {key}. There are: {keys}.")
    return known
