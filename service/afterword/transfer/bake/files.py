"""Files that are written anew in one step: who reads one meanwhile has all of it, old or new."""

from __future__ import annotations

import shutil
from pathlib import Path

from afterword.core import ids


def replace(file: Path, content: bytes) -> None:
    """Write a file, with the rights that it had if it was there. Raises OSError."""
    draft = file.with_name(f".{file.name}.{ids.new()}")
    try:
        draft.write_bytes(content)
        if file.exists():
            shutil.copymode(file, draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
