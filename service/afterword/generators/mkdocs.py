"""MkDocs: ``plugins: [afterword]`` bakes what was built; while it only serves, nothing is baked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, get_plugin_logger

from afterword.generators.baking import Wanted, in_build

_log = get_plugin_logger("afterword")


class Settings(Config):  # type: ignore[no-untyped-call]
    """What may stand under ``afterword`` in the list of plugins."""

    site = option.Optional(option.Type(str))
    service = option.Optional(option.Type(str))
    keep = option.Optional(option.Type(str))
    snippet = option.Type(bool, default=True)


class Afterword(BasePlugin[Settings]):  # type: ignore[no-untyped-call]
    """Named in the package's entry points."""

    _is_build = True

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG002
        """Told once which command runs."""
        self._is_build = command != "serve"

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Told when all pages lie there."""
        if not self._is_build:
            return
        wanted = Wanted(
            site=self.config.site or config.site_url or "",
            address=config.site_url,
            service=self.config.service,
            keep=Path(self.config.keep) if self.config.keep else None,
            is_snippet=self.config.snippet,
        )
        in_build(Path(config.site_dir), wanted, _log)
