"""Sphinx: ``extensions = ["afterword.generators.sphinx"]`` bakes the pages that a builder wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from afterword.generators.baking import Wanted, in_build

_log = logging.getLogger(__name__)
_SITES = {"html", "dirhtml", "singlehtml"}  # a book too has the format html


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls when it loads an extension."""
    for name in ("site", "from", "keep"):
        app.add_config_value(f"afterword_{name}", None, "", (str,))
    app.add_config_value("afterword_snippet", True, "", (bool,))
    app.connect("build-finished", _bake)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _bake(app: Sphinx, fault: Exception | None) -> None:
    if fault is not None or app.builder.name not in _SITES:
        return
    said = app.config
    wanted = Wanted(
        site=said.afterword_site or said.html_baseurl or "",
        address=said.html_baseurl,
        service=said.afterword_from,
        keep=Path(said.afterword_keep) if said.afterword_keep else None,
        is_snippet=said.afterword_snippet,
    )
    in_build(Path(app.outdir), wanted, _log)
