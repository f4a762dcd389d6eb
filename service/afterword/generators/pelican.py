"""Pelican: ``PLUGINS = ["afterword.generators.pelican"]`` bakes what was written, at its end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from pelican import signals

from afterword.generators.baking import Wanted, in_build

_log = logging.getLogger(__name__)


def register() -> None:
    """What Pelican calls when it loads a plugin."""
    signals.finalized.connect(_bake)


def _bake(pelican: Any) -> None:
    said = pelican.settings
    keep = said.get("AFTERWORD_KEEP")
    wanted = Wanted(
        site=said.get("AFTERWORD_SITE") or said.get("SITEURL") or "",
        address=said.get("SITEURL"),
        service=said.get("AFTERWORD_FROM"),
        keep=Path(keep) if keep else None,
        is_snippet=said.get("AFTERWORD_SNIPPET", True),
    )
    in_build(Path(said["OUTPUT_PATH"]), wanted, _log)
