"""Processes of ``afterword`` that begin where its imports end.

Starting Python and importing is most of the time that a command takes, and the tests run more than
a thousand. multiprocessing's server of forks does it once for all: from there on each is a process
of its own, with its own session, environment and files, as if a shell had started it.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.hatched"])
_READ, _ADD = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND


@dataclass(frozen=True)
class Hatched:
    """A process, with what is used here of ``subprocess.Popen``."""

    process: ForkServerProcess
    args: Sequence[str]

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        self.process.join(0)
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self.process.join(timeout)
        code = self.process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def begin(words: Sequence[str], *, env: Mapping[str, str], out: Path, err: Path) -> Hatched:
    """Begin a command in a session of its own; what it says is added to these files."""
    process = _FORKS.Process(target=_become, args=(list(words), dict(env), out, err, os.getcwd()))
    process.start()
    return Hatched(process, words)


def run(words: Sequence[str], *, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = begin(words, env=env, out=out, err=err)
        code = process.wait()
        return subprocess.CompletedProcess(
            words, code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        )


def _become(words: list[str], env: dict[str, str], out: Path, err: Path, folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # as this environment has it
    for number, path, how in ((0, os.devnull, _READ), (1, out, _ADD), (2, err, _ADD)):
        handle = os.open(path, how, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - until the process ends
    sys.argv = ["afterword", *words]
    from afterword.cli import cli

    try:
        cli(args=words, prog_name="afterword")
    finally:
        atexit._run_exitfuncs()
