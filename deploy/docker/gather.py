"""Gather what the service needs to run, and nothing else: what the container's image is made of.

    python gather.py /venv /rootfs

The interpreter, its standard library, the virtual environment, and the shared libraries that any of
them names (``ldd``). No shell, no package manager, no other program: there is less to mend and less
to misuse. It runs where the image is built, with that machine's own Python.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

# Of the standard library: what a service never imports.
NEEDLESS = {
    *("test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "pydoc_data"),
    *("site-packages", "dist-packages", "turtle.py"),
}
# Of the packages: fonts, colour profiles and formats that pictures of readers are not taken in, and
# what a notice by Apprise says in other languages and shows on a screen here.
UNUSED = (
    *("PIL/_avif.*", "PIL/_imagingft.*", "PIL/_imagingcms.*", "PIL/_imagingtk.*"),
    *("apprise/i18n/*", "apprise/assets/themes/*"),
)
FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf")


def main(environment: Path, root: Path) -> None:
    """Fill an empty folder with the whole file system of the image."""
    for link in ("bin", "lib", "lib64", "sbin"):  # as in the distribution that this runs on
        if Path("/", link).is_symlink():
            root.joinpath(link).parent.mkdir(parents=True, exist_ok=True)
            root.joinpath(link).symlink_to(Path("/", link).readlink())
            _inside(root, Path("/", link).resolve()).mkdir(parents=True, exist_ok=True)
    shutil.copytree(environment, _inside(root, environment), symlinks=True)
    packages = next(_inside(root, environment).glob("lib/python3*/site-packages"))
    _drop_other_languages(packages)
    _drop_unused(packages)
    for link in _chain(environment / "bin" / "python"):
        _copy(root, link)
    library = Path(sysconfig.get_path("stdlib")).resolve()
    shutil.copytree(library, _inside(root, library), symlinks=True, ignore=_needless)
    for file in FILES:
        if Path(file).exists():
            _copy(root, Path(file))
    for needed in _libraries(root):
        _copy(root, needed)
    # Where the loader finds libraries that lie outside of its own folders, such as /usr/local/lib.
    shutil.copytree("/etc/ld.so.conf.d", root / "etc/ld.so.conf.d", dirs_exist_ok=True)
    shutil.copy("/etc/ld.so.conf", root / "etc/ld.so.conf")
    subprocess.run(["ldconfig", "-r", str(root)], check=True)  # noqa: S603, S607
    for folder, mode in (("tmp", 0o1777), ("proc", 0o755), ("dev", 0o755)):
        (root / folder).mkdir(exist_ok=True)
        (root / folder).chmod(mode)


def _drop_other_languages(packages: Path) -> None:
    """Of how languages write days and numbers (35 MB of Babel's), keep those that we speak."""
    spoken = {file.stem.partition("-")[0] for file in packages.glob("afterword/translations/*.po")}
    for file in packages.glob("babel/locale-data/*.dat"):
        if file.stem.partition("_")[0] not in {"root", "en", *spoken}:
            file.unlink()


def _drop_unused(packages: Path) -> None:
    """What no code of ours reaches, and then the bundled libraries that nothing needs any more."""
    for path in [path for pattern in UNUSED for path in packages.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    modules = (path for path in packages.rglob("*.so*") if not path.parent.name.endswith(".libs"))
    needed = {Path(name).name for module in modules for name in _needed(module)}
    for library in packages.glob("*.libs/*"):
        if library.name not in needed:
            library.unlink()


def _needless(folder: str, names: list[str]) -> set[str]:
    is_top = Path(folder).name.startswith("python3")
    return {
        name
        for name in names
        if (is_top and (name in NEEDLESS or name.startswith("config-")))
        or name.endswith((".opt-1.pyc", ".opt-2.pyc", ".a"))
    }


def _chain(path: Path) -> Iterator[Path]:
    """A program and the links that lead to it, those outside of the environment alone."""
    while path.is_symlink():
        path = path.parent / path.readlink()
        yield path


def _libraries(root: Path) -> set[Path]:
    """The shared libraries that anything gathered so far needs, as the loader finds them here."""
    found: set[Path] = set()
    for path in root.rglob("*"):
        is_program = path.name.startswith("python") and "bin" in path.parts
        if path.is_symlink() or not path.is_file() or not (is_program or ".so" in path.name):
            continue
        found |= {Path(named) for named in _needed(path)}
    return {path for path in found if not path.is_relative_to(root)}


def _needed(program: Path) -> list[str]:
    """The shared libraries that one file needs, and those that these need."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return re.findall(r"(?:=> )?(/\S+) \(0x", told.stdout)


def _copy(root: Path, path: Path) -> None:
    """One file, under the name by which it is asked for, in its folder without links."""
    to = _inside(root, path.parent.resolve() / path.name)
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.exists() and not to.is_symlink():
        shutil.copy2(path, to, follow_symlinks=not _leads_to_kept(path))


def _leads_to_kept(path: Path) -> bool:
    """Whether a link is one of the interpreter's own names, which are all copied."""
    return path.is_symlink() and path.name.startswith("python")


def _inside(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
