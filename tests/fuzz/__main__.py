"""Fuzz each target for a while: ``python -m tests.fuzz [TARGET ...] [--seconds 600]``.

Guided by coverage (Atheris, libFuzzer underneath), each target in processes of its own. What was
learned stays in ``build/fuzz`` for the next time; what broke a promise is put into
``tests/fuzz/found`` and tried by the ordinary tests from then on.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOUND = HERE / "found"
KEPT = HERE.parent.parent / "build" / "fuzz"
NAMES = ("url_keys", "importers", "markdown", "cursors", "form_tokens")
INSTRUMENTED = ["afterword", "markdown_it", "bleach", "itsdangerous"]
# Seconds after which a process makes room for another: what Atheris notes of the code that it
# watches grows with each input, by gigabytes in ten minutes. What was learned is handed on.
A_PROCESS = 120
# Seconds of the wall clock for one input: a machine that does other things as well may need some.
SLOWEST = 120


def main() -> int:
    """Fuzz in turn; 1 when one of them found something."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("targets", nargs="*", metavar="TARGET", choices=[*NAMES, []])
    wanted.add_argument("--seconds", type=int, default=600, help="For each. Default: 600.")
    said = wanted.parse_args()
    return max([_fuzz(name, said.seconds) for name in said.targets or NAMES])


def _fuzz(name: str, seconds: int) -> int:
    learned = KEPT / name
    learned.mkdir(parents=True, exist_ok=True)
    FOUND.mkdir(exist_ok=True)
    line = [
        *(sys.executable, "-m", "tests.fuzz.one", name, str(learned)),
        *(f"-timeout={SLOWEST}", "-rss_limit_mb=6144"),
        *("-max_len=16384" if name == "importers" else "-max_len=2048", "-verbosity=1"),
        *(f"-artifact_prefix={FOUND}/{name}-", "-print_final_stats=1"),
    ]
    log, tried, is_whole, left = KEPT / f"{name}.log", 0, True, seconds
    log.unlink(missing_ok=True)
    while left > 0 and is_whole:
        part = [*line, f"-max_total_time={min(left, A_PROCESS)}"]
        done = subprocess.run(part, capture_output=True, text=True, errors="replace", check=False)
        with log.open("a", encoding="utf-8") as told:
            told.write(done.stdout + done.stderr)
        units = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        tried += int(units[1]) if units else 0
        is_whole, left = done.returncode == 0, left - A_PROCESS
    print(
        f"{name}: {tried} inputs in {seconds} s, "
        + ("nothing found" if is_whole else f"FOUND SOMETHING: {log}"),
        flush=True,
    )
    return int(not is_whole)


if __name__ == "__main__":
    sys.exit(main())
