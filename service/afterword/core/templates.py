"""Texts made of templates, outside of requests: mails."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from afterword.core import i18n


def environment(folder: Path) -> Environment:
    """The templates of a folder. HTML is escaped; a value that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    i18n.equip(made)
    return made
