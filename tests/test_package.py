"""What is shipped is whole: a wheel installed on its own serves, far from this checkout."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
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
COMPILE = ROOT / "deploy" / "docker" / "compile.py"
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
    # Wheels alone: nothing is compiled on the owner's machine.
    _pip(str(python), "install", "--only-binary", ":all:", str(wheel))
    return python


@pytest.fixture(scope="module")
def twice_built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and source archive of two checkouts that differ in all but what they hold."""
    built = []
    for name, mask, age in (("one", 0o022, 0), ("another-checkout", 0o077, 86_400)):
        folder = tmp_path_factory.mktemp(name)
        _check_out(folder / "afterword", mask=mask, age=age)
        words = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder / "dist")]
        done = subprocess.run(
            words, cwd=folder / "afterword", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        built.append(folder / "dist")
    return built[0], built[1]


def _check_out(to: Path, *, mask: int, age: int) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
            (to / name).chmod((0o755 if os.access(ROOT / name, os.X_OK) else 0o644) & ~mask)
            os.utime(to / name, (1_700_000_000 + age, 1_700_000_000 + age))


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


def test_the_same_source_gives_the_same_wheel_and_archive(twice_built):
    sums = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        for folder in twice_built
    ]
    assert sums[0] == sums[1]
    assert {name.partition("-")[2].lstrip("0123456789.") for name in sums[0]} == {
        "tar.gz",
        "-py3-none-any.whl",
    }


def test_the_source_archive_is_all_that_a_checkout_is(twice_built, tmp_path):
    (archive,) = twice_built[0].glob("*.tar.gz")
    with tarfile.open(archive) as held:
        names = {name.partition("/")[2] for name in held.getnames()}
        held.extractall(tmp_path, filter="data")
    assert {"widget/dist/embed.js", "Makefile", "Dockerfile", "README.md"} <= names
    assert {"deploy/kubernetes/afterword.yaml", "docs/install.md", "tests/conftest.py"} <= names
    assert not [name for name in names if "node_modules" in name or name.endswith(".pyc")]
    (unpacked,) = tmp_path.iterdir()
    words = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*words, str(tmp_path / "dist")], cwd=unpacked, check=True, capture_output=True)
    (again,), (first,) = (folder.glob("*.whl") for folder in (tmp_path / "dist", twice_built[0]))
    assert again.read_bytes() == first.read_bytes()


def test_the_installed_command_explains_itself(python, tmp_path):
    command = python.with_name("afterword")
    done = subprocess.run(
        [str(command), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


@pytest.mark.sqlite("it is installed here without a client of PostgreSQL")
def test_the_installed_service_serves_from_an_empty_folder(python, tmp_path):
    with running.serving(tmp_path / "data", python=str(python)) as service:
        assert _get(f"{service.url}/healthz") == b"ok\n"
        assert _get(f"{service.url}/embed.js") == EMBED.read_bytes()
        assert b"/static/demo.css" in _get(f"{service.url}/demo")
        assert _get(f"{service.url}/static/demo.css")
        assert service.stop() == 0
    assert (tmp_path / "data" / "afterword.db").exists()


def test_what_the_image_compiles_ahead_can_be_imported_without_the_tools_of_a_developer(python):
    script = f"import runpy; runpy.run_path({str(COMPILE)!r})['import_ours']()"
    done = subprocess.run(
        [str(python), "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_serve_in_an_empty_folder_makes_all_it_needs_there(python, tmp_path):
    # As typed after `pip install afterword`: no setting, and no program but Python within reach.
    folder = tmp_path / "empty"
    folder.mkdir()
    port = running.free_port()
    process = subprocess.Popen(
        [str(python.with_name("afterword")), "serve", "--port", str(port)],
        cwd=folder,
        env={"PATH": str(python.parent), "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        running.wait_until_open(port)
        assert _get(f"http://127.0.0.1:{port}/healthz") == b"ok\n"
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert [path.name for path in folder.iterdir()] == ["data"]
    assert (folder / "data" / "afterword.db").exists()


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())
