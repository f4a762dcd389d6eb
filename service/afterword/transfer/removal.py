"""A site that goes: written out first, then removed with all that is in it, by a job."""

from __future__ import annotations

import contextlib

from afterword.core import clock, config
from afterword.core.db import transaction
from afterword.core.errors import NotFound
from afterword.jobs import queue
from afterword.moderation import audit
from afterword.sites import changes, directory
from afterword.sites.directory import KnownSite
from afterword.transfer import export


def start(site: KnownSite, *, by: str) -> str:
    """Have a site removed; answers the name of the file that its comments are kept in."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    name = f"removed-{site.key.replace(':', '-')}-{stamp}.jsonl"
    with transaction():
        queue.add("remove-site", {"site_id": site.id, "file": name})
        audit.note("remove site", by=by, note=f"{site.key}, kept in {name}")
    return name


def run(site_id: int, file: str) -> None:
    """Write the site out and remove it. What is done already when a job comes again stays done."""
    site = next((one for one in directory.every() if one.id == site_id), None)
    if site is None:
        return
    path = config.current().data / file
    if not path.exists():
        # A worker that took too long may have been taken for dead, and come to its end before us:
        # its copy is whole, and ours is not when the site went in the middle of it.
        export.to_file(site, path, replaces=False)
    with contextlib.suppress(NotFound):  # it is done already
        changes.remove(site_id)
    export.clear(path)
