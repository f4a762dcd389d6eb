"""What commands run in: the settings of this environment and, where needed, the application."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import click

from afterword.core import config
from afterword.core.config import Settings
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite


def settings() -> Settings:
    """The settings of this environment. Raises WrongSetting."""
    return config.read(os.environ)


def in_application(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command over the migrated database, in the application's context."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from afterword.app import opened

        with opened(settings()):
            return command(*args, **kwargs)

    return run


def until_told_to_end(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command that SIGTERM ends as Ctrl-C does: what it has half written goes with it."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        before = signal.signal(signal.SIGTERM, _end)
        try:
            return command(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, before)

    return run


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)  # what a shell calls it


def choices(words: Iterable[str]) -> dict[str, str]:
    """Options as NAME=VALUE words; a secret one may be NAME=@FILE. Raises click.UsageError."""
    written = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"{word!r} is not of the form NAME=VALUE.")
        if name in options.SECRET and value.startswith("@"):
            with click.open_file(value[1:], encoding="utf-8") as file:
                value = file.read().strip()
        written[name] = value
    return written


def said(written: Mapping[str, str]) -> str:
    """The same on one line, without what is secret."""
    return ", ".join(
        name if name in options.SECRET else f"{name}={text}" for name, text in written.items()
    )


def site(key: str) -> KnownSite:
    """The site that was named. Raises NotFound with the keys that there are."""
    return directory.named(key)
