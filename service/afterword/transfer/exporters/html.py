"""Every thread as a page that needs no server: for the day on which the service is switched off."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from afterword.core.urls import split
from afterword.sites.directory import KnownSite
from afterword.threads.models import Page
from afterword.transfer import frozen, stored


@dataclass(frozen=True)
class _Entry:
    """A line of the index."""

    file: str
    title: str
    url: str
    count: int


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a zip archive with an index and a page for each thread; answers the number of comments.

    Only what anyone may read is in it.
    """
    entries: list[_Entry] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in stored.pages(site):
            thread = frozen.of_page(site, page)
            if not thread.page["count"]:
                continue
            entry = _entry(page, thread.page["count"])
            section = frozen.section(thread, service=None)
            shown = frozen.render("archive.html", site=site, entry=entry, section=section)
            _put(archive, entry.file, shown)
            entries.append(entry)
        entries.sort(key=lambda entry: entry.title.casefold())
        many = sum(entry.count for entry in entries)
        _put(
            archive,
            "index.html",
            frozen.render("index.html", site=site, entries=entries, many=many),
        )
        _put(archive, "style.css", frozen.render("style.css"))
    return many


def _entry(page: Page, count: int) -> _Entry:
    return _Entry(f"threads/{page.id}.html", page.title or split(page.url).path, page.url, count)


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    # The date of the file is the same each time: what has not changed is not another archive.
    archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)
