"""The system's Chromium, and how it is started: quiet, and asking nobody but us."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("install-chromium.sh")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def launching() -> dict[str, Any]:
    """What to launch it with. A script finds or installs it; without one this fails."""
    found = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return {
        "executable_path": found.stdout.strip().splitlines()[-1],
        "args": ["--no-sandbox", "--no-first-run", "--disable-gpu", *QUIET],
    }
