"""What is shipped is whole: a wheel installed on its own serves, far from this checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from afterword.sites import texts
from tests import running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "service" / "afterword"
EMBED = ROOT / "widget" / "dist" / "embed.js"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("afterword-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new virtual environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    _pip(str(python), "install", str(wheel))
    return python


def _pip(python: str, *words: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check")
    done = subprocess.run(
        [python, "-m", "pip", *words, *quiet], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_every_file_of_the_package_and_the_widget(wheel):
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
        embedded = held.read("afterword/web/widget/embed.js")
        sentences = json.loads(held.read("afterword/sites/messages/en.json"))
    here = {
        f"afterword/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= names
    assert embedded == EMBED.read_bytes()
    assert sentences == texts.english()
    assert "afterword/web/widget/embed.js.map" in names
    kinds = {Path(name).suffix for name in here}
    assert {".py", ".html", ".css", ".js", ".mako", ".typed"} <= kinds


def test_the_wheel_holds_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as held:
        tops = {name.partition("/")[0] for name in held.namelist()}
        assert not [name for name in held.namelist() if name.endswith((".pyc", ".db"))]
    assert tops == {"afterword", f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"}


def test_the_installed_command_explains_itself(python, tmp_path):
    command = python.with_name("afterword")
    done = subprocess.run(
        [str(command), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_the_installed_service_serves_from_an_empty_folder(python, tmp_path):
    with running.serving(tmp_path / "data", python=str(python)) as service:
        assert _get(f"{service.url}/healthz") == b"ok\n"
        assert _get(f"{service.url}/embed.js") == EMBED.read_bytes()
        assert b"/static/demo.css" in _get(f"{service.url}/demo")
        assert _get(f"{service.url}/static/demo.css")
        assert service.stop() == 0
    assert (tmp_path / "data" / "afterword.db").exists()


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())
