"""The built widget that this installation carries, and the names under which it is asked for."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# In a wheel the built files lie beside this module, in a checkout where they are built.
_FOLDERS = (Path(__file__).parent / "widget", Path(__file__).parents[3] / "widget" / "dist")


@dataclass(frozen=True)
class Script:
    """The built widget."""

    body: bytes
    source_map: bytes

    @property
    def version(self) -> str:
        """Names these very bytes."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @property
    def integrity(self) -> str:
        """For the ``integrity`` attribute (W3C Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


@cache
def script() -> Script:
    """The widget that this installation carries."""
    folder = next(folder for folder in _FOLDERS if (folder / "embed.js").exists())
    return Script((folder / "embed.js").read_bytes(), (folder / "embed.js.map").read_bytes())
