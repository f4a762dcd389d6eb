"""A browser in words that its owner knows it by: enough to tell one's own apart, and no more."""

from __future__ import annotations

import re
from typing import Final

from flask import request

# In this order: most browsers say that they are Chrome or Safari as well.
BROWSERS: Final = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/\S+ .*\bSafari/"),
)
SYSTEMS: Final = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


def in_words() -> str:
    """The browser that asks, ``Firefox on Linux`` say; empty when it says nothing we know."""
    said = request.headers.get("User-Agent", "")
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    return f"{browser} on {system}" if browser and system else browser or system


def _first(known: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for name, mark in known if re.search(mark, said)), "")
