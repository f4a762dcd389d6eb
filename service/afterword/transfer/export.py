"""Writing a site out, in any format."""

from __future__ import annotations

from typing import BinaryIO

from afterword.core import registry
from afterword.sites.directory import KnownSite
from afterword.transfer import formats


def write(site: KnownSite, out: BinaryIO, *, format_name: str = "native") -> int:
    """Write all comments of a site, those that wait or were removed too; answers their number."""
    count: int = registry.load(formats.EXPORTERS[format_name])(site, out)
    return count
