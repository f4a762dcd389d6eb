"""Baking what was built, as its owner says in a command or in the settings of a generator."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from afterword.core import config, signing, urls
from afterword.core.config import Settings, WrongSetting
from afterword.core.errors import Problem
from afterword.operate import unusable
from afterword.operate.migrate import BrokenDatabase
from afterword.sites import directory
from afterword.transfer.bake.remote import Away, Remote
from afterword.transfer.bake.run import Report, Stored, bake

Log = logging.Logger | logging.LoggerAdapter[Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whose comments: a site by its key or its address, of this machine's database, or of the
    service at an address. ``keep`` is a file for what was read from there. ``address`` is where
    the folder will lie, as a generator knows it; without one the site's address says it."""

    site: str
    address: str | None = None
    service: str | None = None
    keep: Path | None = None
    is_snippet: bool = True


def built(folder: Path, wanted: Wanted, *, check: bool = False) -> Report:
    """Bake a folder. Raises what goes wrong in the words of the one that it goes wrong for."""
    if wanted.service is None:
        return _from_database(folder, wanted, check=check)
    site = wanted.site
    origin = urls.origin_of(site) if "://" in site else f"https://{site}"
    service = wanted.service.rstrip("/")  # links go on behind it
    remote = Remote(service, origin, kept=wanted.keep)
    report = bake(
        folder,
        remote,
        service=service,
        below=_below(wanted),
        check=check,
        is_snippet=wanted.is_snippet,
    )
    remote.keep()
    report.notes += remote.notes
    return report


def in_build(folder: Path, wanted: Wanted, log: Log) -> None:
    """Bake what a generator has built. What goes wrong is a warning in its log and not the build's
    end, unless it is told to be strict: comments may come with the next build."""
    if not wanted.site:
        log.warning("Comments were not baked: no site is named.")
        return
    try:
        report = built(folder, wanted)
    except (Away, BrokenDatabase, OSError, WrongSetting) as fault:
        log.warning("Comments were not baked: %s", fault)
    except unusable.FAULTS as fault:
        log.warning("Comments were not baked: %s", unusable.refusal(fault))
    except Problem as refusal:
        log.warning("Comments were not baked: %s", refusal.detail)
    else:
        for warning in report.warnings:
            log.warning("%s", warning)
        for note in report.notes:
            log.info("%s", note)
        log.info("Comments baked into %d pages, %d as before", len(report.baked), report.same)


def _below(wanted: Wanted) -> str:
    """The path of the site below which the folder will lie."""
    said = wanted.address or wanted.site
    return urls.split(said).path.rstrip("/") if "://" in said else ""


def _from_database(folder: Path, wanted: Wanted, *, check: bool) -> Report:
    with _there(config.read(os.environ)) as settings:
        from afterword.app import opened  # the whole service, which a remote bake does without

        with opened(settings):
            return bake(
                folder,
                Stored(directory.named(wanted.site)),
                service=settings.public_url or None,
                below=_below(wanted),
                check=check,
                is_snippet=wanted.is_snippet,
            )


@contextmanager
def _there(settings: Settings) -> Iterator[Settings]:
    """Settings by which the service leaves nothing where it has not been. Raises BrokenDatabase.

    A build runs in the folder of a blog, and Hugo takes what lies in ``data`` for its own.
    """
    if settings.sqlite_path is None:  # of the folder a bake needs nothing
        with TemporaryDirectory() as nothing:
            yield replace(settings, data=Path(nothing))
        return
    if not settings.sqlite_path.exists():
        raise BrokenDatabase(
            f"There is no database at {settings.sqlite_path.absolute()}. Set AFTERWORD_DATA to the "
            "folder in which the service has it, or name the service to ask, as by --from ADDRESS."
        )
    if not _is_the_services(settings):
        raise BrokenDatabase(
            f"The service was never in {settings.data.absolute()}. Set AFTERWORD_DATA too, to its "
            "folder of data, or name the service to ask, as by --from ADDRESS."
        )
    yield settings


def _is_the_services(settings: Settings) -> bool:
    """Whether the folder of data is the service's: its file of SQLite may lie in another."""
    if not settings.database_url or os.environ.get("AFTERWORD_DATA"):
        return settings.data.exists()
    return (settings.data / signing.KEY_FILE).exists()
