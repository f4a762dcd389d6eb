"""Writing a site out, in any format."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import BinaryIO

from afterword.core import ids, registry
from afterword.sites.directory import KnownSite
from afterword.transfer import formats


def write(site: KnownSite, out: BinaryIO, *, format_name: str = "native") -> int:
    """Write all comments of a site, those that wait or were removed too; answers their number."""
    count: int = registry.load(formats.EXPORTERS[format_name])(site, out)
    return count


def to_file(
    site: KnownSite, file: Path, *, format_name: str = "native", replaces: bool = True
) -> int:
    """The same to a file, which appears only when it is complete and on the disk.

    One that is there by then is replaced, or else stays as it is.
    """
    # A name of its own: whoever writes the same out at the same time spoils neither.
    draft = file.with_name(f".{file.name}.{ids.new()}.part")
    try:
        # Not for other users: it holds e-mail addresses.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            count = write(site, out, format_name=format_name)
            out.flush()
            os.fsync(out.fileno())
        if replaces or not file.exists():
            draft.replace(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None
    finally:
        draft.unlink(missing_ok=True)
    return count


def clear(file: Path) -> None:
    """Remove what was left of attempts to write a file that ended in the middle."""
    for draft in file.parent.glob(f".{glob.escape(file.name)}.*.part"):
        draft.unlink(missing_ok=True)
