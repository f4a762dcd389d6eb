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
    """One of the widget's scripts: what a page loads, or a part that some readers need."""

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
    return _read(_folder() / "embed.js")


@cache
def parts() -> dict[str, Script]:
    """What the widget loads when a reader first needs it, by name."""
    return {path.stem: _read(path) for path in sorted((_folder() / "parts").glob("*.js"))}


def is_own_build(name: str) -> bool:
    """Whether it names the bytes of all these parts: the script asks for those of its own build, by
    twelve digits of their hash, those that pack best in it (``widget/build.mjs``)."""
    return len(name) == 12 and name in _digest()


@cache
def _digest() -> str:
    bodies = (part.body for part in parts().values())
    return hashlib.sha256(b"".join(bodies)).hexdigest()


@cache
def messages() -> dict[str, bytes]:
    """What the widget says in other languages than English, as JSON, by their tags."""
    return {path.stem: path.read_bytes() for path in (_folder() / "messages").glob("*.json")}


def _read(path: Path) -> Script:
    return Script(path.read_bytes(), path.with_name(path.name + ".map").read_bytes())


def _folder() -> Path:
    return next(folder for folder in _FOLDERS if (folder / "embed.js").exists())
