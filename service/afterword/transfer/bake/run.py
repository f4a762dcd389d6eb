"""Baking: find the pages that were built, see whose they are, write their threads into them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.sites.directory import KnownSite
from afterword.threads import pages, view
from afterword.transfer import frozen
from afterword.transfer.bake import markup
from afterword.transfer.bake.markup import Place

_SUFFIXES = {".html", ".htm"}


@dataclass
class Report:
    """What became of the files: every one that was looked at is in one of these."""

    baked: list[Path] = field(default_factory=list)  # written, or to be written with ``check``
    same: int = 0
    without: int = 0  # pages that have no place for comments, or do not want them baked
    warnings: list[str] = field(default_factory=list)


class Source(Protocol):
    """Where threads come from: the database, or a service that runs elsewhere."""

    @property
    def origins(self) -> Sequence[str]:
        """The site's origins; the first is where files without a canonical address lie."""

    def thread(self, url: str, page_id: str | None) -> frozen.Thread:
        """The thread of a page. Raises BadUrl for what is no address of the site."""


@dataclass(frozen=True)
class Stored:
    """A site of this database."""

    site: KnownSite

    @property
    def origins(self) -> Sequence[str]:
        return self.site.origins

    def thread(self, url: str, page_id: str | None) -> frozen.Thread:
        key = self.site.page_key(url, page_id)
        page = pages.find(self.site.id, key)
        if page is None:
            return frozen.Thread(view.page(None, key=key, url=url, options=self.site.options), [])
        return frozen.of_page(self.site, page)


def bake(
    folder: Path,
    source: Source,
    *,
    service: str | None,
    check: bool = False,
    is_snippet: bool = True,
) -> Report:
    """Write each page's visible thread into it, where that changes it.

    With ``check`` nothing is written. ``service`` is where readers find Afterword. Done again it
    changes no byte.
    """
    report = Report()
    for file in _files(folder):
        content = file.read_bytes()
        place = markup.find(content)
        if place is None:
            report.without += 1
            continue
        try:
            url = _address(source.origins, place, file.relative_to(folder))
            thread = source.thread(url, place.attributes.get("data-page"))
        except BadUrl as refusal:
            report.without += 1
            report.warnings.append(f"{file}: {refusal.detail}")
            continue
        section = frozen.section(thread, service=service, is_snippet=is_snippet)
        baked = markup.put(content, place, section=section, version=thread.page["version"])
        if baked == content:
            report.same += 1
            continue
        report.baked.append(file)
        if not check:
            _replace(file, baked)
    return report


def _files(folder: Path) -> Iterator[Path]:
    """The pages below a folder, in order; nothing that a link leads to, within it or without."""
    for where, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            file = Path(where, name)
            if file.suffix.lower() in _SUFFIXES and not file.is_symlink():
                yield file


def _address(origins: Sequence[str], place: Place, path: Path) -> str:
    """As the widget finds it: what the tag says, else the canonical address when it is the site's,
    else where the file lies."""
    said = place.attributes.get("data-url")
    if said:
        return said
    if place.canonical and _is_of(origins, place.canonical):
        return place.canonical
    return f"{origins[0]}/{quote(path.as_posix())}"


def _is_of(origins: Sequence[str], url: str) -> bool:
    try:
        return urls.host_of(url) in {urls.host_of(origin) for origin in origins}
    except BadUrl:
        return False


def _replace(file: Path, content: bytes) -> None:
    """Write a file anew, in one step and with the rights that it had."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        shutil.copymode(file, draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
