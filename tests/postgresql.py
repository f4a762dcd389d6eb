"""A PostgreSQL of our own for tests: made empty, on a free port, gone at the end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests import running

# A short path that another user may enter, in memory where the tests' own folders are.
ROOM = "/dev/shm" if tempfile.gettempdir().startswith("/dev/shm") else "/tmp"
PROGRAMS = Path(__file__).parent / "install-postgresql.sh"


@dataclass
class Server:
    """A running PostgreSQL, which a test may stop, freeze and start again."""

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Of the server, without a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Server]:
        """Run one until the block ends."""
        found = subprocess.run(["bash", str(PROGRAMS)], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr
        # Short, and open to the user that PostgreSQL runs as: a socket's path has 107 characters.
        folder = Path(tempfile.mkdtemp(prefix="afterword-pg-", dir=ROOM))
        server = cls(Path(found.stdout.strip()), folder, running.free_port())
        try:
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres")
            data = folder / "data"
            _run(server.programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
            server.start()
            try:
                yield server
            finally:
                server.thaw()
                server.stop()
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def replica(self) -> Iterator[Server]:
        """Run one that follows this one, by streaming, until the block ends."""
        folder = Path(tempfile.mkdtemp(prefix="afterword-pg-", dir=ROOM))
        copy = Server(self.programs, folder, running.free_port())
        try:
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres")
            source = ["-h", "127.0.0.1", "-p", self.port, "-U", "postgres"]
            how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"]
            _run(self.programs / "pg_basebackup", *source, *how, "-D", folder / "data")
            copy.start()
            try:
                yield copy
            finally:
                copy.thaw()
                copy.stop()
        finally:
            shutil.rmtree(folder)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=200"
        options += f" -c unix_socket_directories={self.folder} -c fsync=off"
        options += " -c autovacuum=off"  # plans are to be the same in every run
        self._control("-o", options, "-l", self.folder / "log", "start")

    def stop(self) -> None:
        """At once, as if all its processes were killed; it mends itself at the next start."""
        if self._processes():
            self._control("-m", "immediate", "stop")

    def freeze(self) -> None:
        """Let it hang: its connections stay open, and nothing is answered any more."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._processes():
            with suppress(ProcessLookupError):  # one that was to end has gone on by now
                os.kill(process, signal.SIGCONT)

    def new_database(self, *, sorts_as: str | None = None, like: str | None = None) -> str:
        """The address of a new empty one, as a setting has it; it may sort as people of a language
        do, a before B, which is what most have, or be a copy of one to which nobody is connected.
        """
        import psycopg

        name = f"afterword_{secrets.token_hex(6)}"
        order = f" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE '{sorts_as}'"
        copied = f" TEMPLATE {like.rpartition('/')[2]}" if like else ""
        made = f"CREATE DATABASE {name}{order if sorts_as else ''}{copied}"
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as server:
            server.execute(made)  # type: ignore[arg-type]
        return f"{self.address}/{name}".replace("postgresql:", "postgresql+psycopg:", 1)

    def _processes(self) -> list[int]:
        """The server's own and those that it began."""
        lock = self.folder / "data" / "postmaster.pid"
        if not lock.exists():
            return []
        first = lock.read_text(encoding="ascii").split()[0]
        children = Path(f"/proc/{first}/task/{first}/children")
        began = children.read_text(encoding="ascii").split() if children.exists() else []
        return [int(first), *map(int, began)]

    def _control(self, *words: object) -> None:
        _run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *words)


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster until the block ends; gives the address of its server, without a database."""
    with Server.running() as server:
        yield server.address


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
