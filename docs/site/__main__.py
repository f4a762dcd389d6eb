"""Build the documentation into build/site, with the comments below each page baked into it.

    DOCS_URL=https://docs.example.org/ DOCS_COMMENTS=https://comments.example.org make docs-site

Where it will be, and the service whose threads its pages show. Without the second the comments are
those of ``comments.jsonl``, and nobody can add to them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = Path(os.environ.get("DOCS_BUILD", ROOT / "build"))
SOURCE = BUILD / "docs"
BUILT = BUILD / "site"
URL = "https://docs.afterword.example/"
# What lies beside docs/ and belongs to the site, by the name that it has there.
BESIDE = {
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "deploy/README.md": "deploy.md",
}
ICON = ROOT / "service" / "afterword" / "web" / "static" / "icon.svg"
_LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")


def main() -> None:
    """Gather the pages and build them; the plugin of MkDocs bakes the comments."""
    gather()
    url, service = os.environ.get("DOCS_URL", URL), os.environ.get("DOCS_COMMENTS")
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        if service is None:
            _store_comments(url, data)
        _run(
            *(sys.executable, "-m", "mkdocs", "--quiet", "build"),
            *("--config-file", str(HERE / "mkdocs.yml")),
            AFTERWORD_DATA=data,
            DOCS_SOURCE=str(SOURCE),
            DOCS_BUILT=str(BUILT),
            NO_MKDOCS_2_WARNING="1",
        )


def gather() -> None:
    """Put all pages into one folder, with links between them that hold there."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    docs = ROOT / "docs"
    pages = {path: path.name for path in docs.glob("*.md")}
    pages[docs / "README.md"] = "index.md"
    pages |= {ROOT / path: name for path, name in BESIDE.items()}
    for path, name in pages.items():
        text = path.read_text(encoding="utf-8")
        (SOURCE / name).write_text(_relinked(text, path, pages), encoding="utf-8")
    for path in docs.glob("*.svg"):
        shutil.copy(path, SOURCE)
    shutil.copytree(docs / "images", SOURCE / "images")
    shutil.copytree(HERE / "assets", SOURCE / "assets")
    shutil.copy(ICON, SOURCE / "assets")


def _relinked(text: str, path: Path, pages: dict[Path, str]) -> str:
    def one(found: re.Match[str]) -> str:
        before, target, anchor, after = found.groups("")
        to = (path.parent / target).resolve()
        if re.match(r"[a-z]+:", target) or not to.exists():
            return found[0]
        if to in pages:
            return f"{before}{pages[to]}{anchor}{after}"
        if to.is_relative_to(ROOT / "docs"):
            return f"{before}{to.relative_to(ROOT / 'docs')}{anchor}{after}"
        # A file of the repository that is no page: its name stays, as code would be.
        return f"{before}deploy.md{after}"

    blocks = re.split(r"(```.*?```)", text, flags=re.DOTALL)
    return "".join(part if part.startswith("```") else _LINK.sub(one, part) for part in blocks)


def _store_comments(url: str, data: str) -> None:
    """Put what is said below the pages into a database that lasts as long as the build."""
    _afterword("init", "--site-origin", url, "--site-name", "Afterword", data=data)
    key = url.partition("://")[2].partition("/")[0]
    comments = str(HERE / "comments.jsonl")
    _afterword("import", "native", comments, "--site", key, "--site-origin", URL, data=data)


def _afterword(*words: str, data: str) -> None:
    _run(sys.executable, "-m", "afterword", *words, AFTERWORD_DATA=data)


def _run(*words: str, **environment: str) -> None:
    subprocess.run(words, env={**os.environ, **environment}, cwd=ROOT, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
