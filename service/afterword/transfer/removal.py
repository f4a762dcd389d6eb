"""A site that goes: written out first, then removed with all that is in it, by a job."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

from sqlalchemy import func, select

from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.jobs import queue
from afterword.moderation import audit
from afterword.sites import changes, directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment
from afterword.transfer import export


def count(site: KnownSite) -> int:
    """How many comments would go."""
    rows = select(func.count()).where(Comment.site_id == site.id)
    found = db.session.scalar(rows) or 0
    db.session.commit()  # no connection of ours waits with whoever thinks about it
    return found


def at_once(site: KnownSite, *, by: str) -> Path:
    """Write a site out and remove it; answers the file that its comments are kept in."""
    name = _name(site)
    path = config.current().data / name
    export.to_file(site, path)
    with transaction():
        changes.remove_within(site.id)
        _note(site, name, by=by)
    directory.forget()
    return path


def start(site: KnownSite, *, by: str) -> str:
    """Have a site removed by a job; answers the name of that file."""
    name = _name(site)
    with transaction():
        queue.add("remove-site", {"site_id": site.id, "file": name})
        _note(site, name, by=by)
    return name


def run(site_id: int, file: str) -> None:
    """Write the site out and remove it. What is done already when a job comes again stays done."""
    site = next((one for one in directory.every() if one.id == site_id), None)
    if site is None:
        return
    # What an earlier try wrote stays as it is, and lacks what came since. A worker that took too
    # long may have been taken for dead, and come to its end before us: its copy is whole, and ours
    # is not when the site went in the middle of it.
    path = config.current().data / file
    copy = _free(path)
    export.to_file(site, copy, replaces=False)
    with contextlib.suppress(NotFound):  # it is done already
        changes.remove(site_id)
    for written in {path, copy}:
        export.clear(written)


def _name(site: KnownSite) -> str:
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    return f"removed-{site.key.replace(':', '-')}-{stamp}.jsonl"


def _note(site: KnownSite, name: str, *, by: str) -> None:
    audit.note("remove site", by=by, note=f"{site.key}, kept in {name}")


def _free(path: Path) -> Path:
    """The name, or where a file has it already the next one: ``NAME-2``."""
    others = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(one for one in itertools.chain([path], others) if not one.exists())
