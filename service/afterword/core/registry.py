"""Variants by name: a dict of dotted names, each imported when it is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def load(dotted: str) -> Any:
    """What ``package.module:name`` names."""
    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)
