"""A PostgreSQL of our own for tests: made empty, on a free port, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import running

PROGRAMS = Path(__file__).parent / "install-postgresql.sh"


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster until the block ends; gives the address of its server, without a database."""
    found = subprocess.run(["bash", str(PROGRAMS)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    programs = Path(found.stdout.strip())
    # Short, and open to the user that PostgreSQL runs as: a socket's path has 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="afterword-pg-", dir="/tmp"))
    port = running.free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        _run(programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N")
        control = (programs / "pg_ctl", "-D", folder / "data", "-w")
        _run(*control, "-o", f"{options} -c fsync=off", "-l", folder / "log", "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(*words: object) -> None:
    """Run a program, as the user postgres where we are root, which PostgreSQL refuses to be."""
    user = "postgres" if os.geteuid() == 0 else None
    done = subprocess.run(
        [str(word) for word in words],
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        cwd="/",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
