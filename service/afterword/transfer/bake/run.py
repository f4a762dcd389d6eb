"""Baking: find the pages that were built, see whose they are, write their threads into them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from afterword.core import urls
from afterword.core.batches import batched
from afterword.core.errors import BadUrl
from afterword.sites.directory import KnownSite
from afterword.threads import pages, view
from afterword.transfer import frozen
from afterword.transfer.bake import files, markup
from afterword.transfer.bake.address import resolved
from afterword.transfer.bake.markup import Place

_SUFFIXES = {".html", ".htm"}
_AT_ONCE = 100  # pages that are in memory

Asked = tuple[str, str | None]  # a page's address, and the id of its own if it has one
Found = frozen.Thread | BadUrl  # or that it is no address of the site


@dataclass
class Report:
    """What became of the files: every one that was looked at is in one of these."""

    baked: list[Path] = field(default_factory=list)  # written, or to be written with ``check``
    same: int = 0
    without: int = 0  # pages that have no place for comments, or do not want them baked
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what a build does not fail for


class Source(Protocol):
    """Where threads come from: the database, or a service that runs elsewhere."""

    @property
    def origins(self) -> Sequence[str]:
        """The site's origins; the first is where files without a canonical address lie."""

    def threads(self, asked: Sequence[Asked]) -> Iterable[Found]:
        """The threads of pages, in their order."""


@dataclass(frozen=True)
class Stored:
    """A site of this database."""

    site: KnownSite

    @property
    def origins(self) -> Sequence[str]:
        return self.site.origins

    def threads(self, asked: Sequence[Asked]) -> Iterable[Found]:
        for url, page_id in asked:
            try:
                yield self._thread(url, page_id)
            except BadUrl as refusal:
                yield refusal

    def _thread(self, url: str, page_id: str | None) -> frozen.Thread:
        if urls.host_of(url) not in map(urls.host_of, self.origins):
            origin = urls.origin_of(url)
            raise BadUrl(
                f"{origin} is no address of the site {self.site.key}. Correct it in your "
                f"generator's settings, or allow it with: "
                f"afterword sites add {origin} --to {self.site.key}"
            )
        key = self.site.page_key(url, page_id)
        page = pages.find(self.site.id, key)
        if page is None:
            return frozen.Thread(
                view.page(None, key=key, url=self.site.page_url(url), options=self.site.options), []
            )
        return frozen.of_page(self.site, page)


def bake(  # noqa: PLR0913 - said by name
    folder: Path,
    source: Source,
    *,
    service: str | None,
    below: str = "",
    check: bool = False,
    is_snippet: bool = True,
) -> Report:
    """Write each page's visible thread into it, where that changes it.

    With ``check`` nothing is written. ``service`` is where readers find Afterword. The folder lies
    at the site's first origin, ``below`` a path like ``/blog``. Done again it changes no byte.
    """
    report = Report()
    for built in _looked_at(folder, source.origins, report, service=service, below=below):
        for page, thread in zip(built, source.threads([one.asked for one in built]), strict=True):
            if isinstance(thread, BadUrl):
                report.without += 1
                report.warnings.append(f"{page.file}: {thread.detail}")
                continue
            section = frozen.section(thread, service=service, is_snippet=is_snippet)
            version = thread.page["version"]
            baked = markup.put(page.content, page.place, section=section, version=version)
            if baked == page.content:
                report.same += 1
                continue
            report.baked.append(page.file)
            if not check:
                files.replace(page.file, baked)
    if not (report.baked or report.same or report.warnings):
        whose = f" of {service}, the service that readers find" if service is not None else ""
        report.warnings.append(f"No page has the tag{whose}.")
    return report


@dataclass(frozen=True)
class _Built:
    """A page that has a place for comments."""

    file: Path
    content: bytes
    place: Place
    asked: Asked


def _looked_at(
    folder: Path, origins: Sequence[str], report: Report, *, service: str | None, below: str
) -> Iterator[list[_Built]]:
    """The pages of a folder that have a place for comments, some at a time."""
    for some in batched(_files(folder), _AT_ONCE):
        built: list[_Built] = []
        for file in some:
            content = file.read_bytes()
            # Of a name a server knows the bytes: they need not be UTF-8.
            path = quote(os.fsencode(file.relative_to(folder).as_posix()))
            lies_at = f"{origins[0]}{below}/{path}"
            place = markup.find(content, service=service, at=lies_at)
            if place is None:
                report.without += 1
                continue
            url = _address(origins, place, lies_at)
            built.append(_Built(file, content, place, (url, place.attributes.get("data-page"))))
        yield built


def _files(folder: Path) -> Iterator[Path]:
    """The pages below a folder, in order; nothing that a link leads to, within it or without."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(where, name)
            if file.suffix.lower() in _SUFFIXES and not file.is_symlink():
                yield file


def _address(origins: Sequence[str], place: Place, lies_at: str) -> str:
    """As the widget finds it (``pageUrl`` of widget/src/options.js): what the tag says, else the
    canonical address when it is the site's, else where the file lies."""
    said = place.attributes
    if named := resolved(said.get("data-url"), lies_at):
        return named.url
    here = resolved(lies_at.removeprefix(origins[0]), said.get("data-site", ""))
    hosts = {here.place} if here else {urls.host_of(origin) for origin in origins}
    linked = resolved(place.canonical, lies_at)
    if linked and linked.place in hosts:
        return linked.url
    return here.url if here else lies_at
