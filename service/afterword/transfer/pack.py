"""A folder of one file a comment as the archive that an importer reads."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

from afterword.transfer.reading import BadFile

_KINDS = {".yml", ".yaml", ".json"}


def pack(folder: Path, archive: BinaryIO) -> None:
    """Put the comments' files below a folder into an archive. Raises BadFile when it has none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _KINDS)
    if not found:
        raise BadFile(f"{folder} is a folder without comments: no .yml, .yaml or .json is in it.")
    with zipfile.ZipFile(archive, "w") as packed:
        for path in found:
            packed.write(path, path.relative_to(folder.parent))
    archive.seek(0)
