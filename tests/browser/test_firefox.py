"""What readers do most, in Firefox as Debian ships it (``firefox.mjs`` says what that is)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.blog import Blog
from tests.running import Service

HERE = Path(__file__).parent
SCRIPT = HERE / "firefox.mjs"
FLOWS: list[str] = json.loads(
    subprocess.run(
        ["node", str(SCRIPT), "--list"], capture_output=True, text=True, check=True
    ).stdout
)

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.thorough]


@pytest.fixture(scope="session")
def firefox() -> str:
    """The system's Firefox, which a script finds or installs; without one the tests fail."""
    found = subprocess.run(
        ["bash", str(HERE / "install-firefox.sh")], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("flow", FLOWS)
def test_in_firefox(
    flow: str, firefox: str, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    said("A reply to this.", name="Grace", parent=said("The first words."))
    said("The last words.", name="Piet")
    done = subprocess.run(
        ["node", str(SCRIPT), flow, blog.page()],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/tmp", "FIREFOX": firefox},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
