"""The system's Chromium, and how it is started: quiet, and asking nobody but us."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("install-chromium.sh")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def launching(*, whole: bool = False) -> dict[str, Any]:
    """What to launch it with. A script finds or installs it; without one this fails.

    The one that tests take draws no windows, which saves a fourth of their time. ``whole`` is the
    browser that readers have: it keeps the pages that one leaves, and is what is measured.
    """
    return {
        "executable_path": _found()[0 if whole else -1],
        "args": ["--no-sandbox", "--no-first-run", "--disable-gpu", *QUIET],
    }


@cache
def _found() -> list[str]:
    found = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.split("\n")[:2]
