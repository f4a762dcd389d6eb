"""Who else on this machine may read what is kept: e-mail addresses, secret keys."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from afterword.core.config import Settings
from afterword.operate.finding import Finding, Grade

# In the data folder, which may be somebody's home as well: what else is there is not ours to judge.
OURS: Final = ("*.db*", "*.jsonl*", "*secret_keys*", "ready.cache*", "backups", "backups/**/*")


def look(settings: Settings) -> Iterator[Finding]:
    """A finding for each that everybody may read, and one for all that their group may."""
    shared = []
    for path in sorted(_kept(settings)):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o007:
            right = "700" if path.is_dir() else "600"
            sentence = (
                f"{path} can be read by others (mode {mode:o}). Mend it: "
                f"chmod {right} {shlex.quote(str(path))}"
            )
            yield Finding(Grade.WRONG, "file modes", sentence)
        elif mode & 0o070:
            shared.append(path)
    if shared:
        highest = [path for path in shared if not set(path.parents) & set(shared)]
        sentence = (
            f"{shared[0]} can be read by its group, as on a volume of Kubernetes (fsGroup). Where "
            f"anybody else is in it: chmod -R g= {shlex.join(map(str, highest))}"
        )
        yield Finding(Grade.LOOK, "file modes", sentence)


def _kept(settings: Settings) -> set[Path]:
    """Everything of ours on the disk; the database may lie elsewhere than in the data folder."""
    kept = {settings.data}.union(*(settings.data.glob(pattern) for pattern in OURS))
    if settings.sqlite_path is not None:
        kept |= set(settings.sqlite_path.parent.glob(settings.sqlite_path.name + "*"))
    return {path for path in kept if path.exists() and not path.is_symlink()}
