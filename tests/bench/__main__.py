"""``make bench``: measure, print one table, write docs/performance.* anew."""

from __future__ import annotations

import argparse
import time

from tests.bench import figures, reads, report


def main() -> None:
    """Measure everything, in less than ten minutes."""
    words = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    words.add_argument("--quick", action="store_true", help="one short round, nothing written")
    asked = words.parse_args()
    began = time.monotonic()
    found = reads.measure(rounds=1 if asked.quick else 5, seconds=2 if asked.quick else 3)
    found["bench_seconds"] = time.monotonic() - began
    for line in figures.table(found):
        print("{:58} {:>14}   {:22} {}".format(*line))
    named = {goal.name for goal in figures.GOALS}
    for name, figure in found.items():
        if name not in named:
            print(f"{name.replace('_', ' '):58} {figure:>14,.2f}")
    if not asked.quick:
        report.write(found)


if __name__ == "__main__":
    main()
