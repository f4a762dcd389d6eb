"""Baking what was built, as its owner says in a command or in the settings of a generator."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterword.core import config, urls
from afterword.core.config import WrongSetting
from afterword.core.errors import Problem
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
    from afterword.app import opened  # the whole service, which a remote bake does without

    with opened(config.read(os.environ)):
        return bake(
            folder,
            Stored(directory.named(wanted.site)),
            service=config.current().public_url or None,
            below=_below(wanted),
            check=check,
            is_snippet=wanted.is_snippet,
        )
