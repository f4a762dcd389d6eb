"""Ask whether a weakness is known of anything that is shipped: ``make audit``.

    python audit.py FOLDER-OF-PACKAGES

``pip-audit`` asks. What it could not find out it leaves out, and calls the rest clean; here nothing
counts as looked at that was not. Ends with 0 when all was looked at and nothing is known, with 1
when something is, and with 2 when the advisories could not be reached: that is no clean bill.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# What is known and does not touch us, each with why: "GHSA-...": "we never call that".
ACCEPTED: dict[str, str] = {}
# Ours is not published; nobody could have advisories of it.
OURS = "afterword"
CLEAN, WEAK, UNKNOWN = 0, 1, 2


def judge(report: dict[str, Any]) -> tuple[int, list[str]]:
    """What a report of pip-audit comes to: the exit code, and what to say."""
    packages = [one for one in report["dependencies"] if one["name"] != OURS]
    unasked = [one["name"] for one in packages if "skip_reason" in one]
    weak = [
        f"{one['name']} {one['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for one in packages
        for found in one.get("vulns", ())
        if not ACCEPTED.keys() & {found["id"], *found.get("aliases", ())}
    ]
    if weak:
        return WEAK, weak
    if not packages:
        return UNKNOWN, ["No package was found there: install first."]
    if unasked:
        return UNKNOWN, [
            f"Nobody could be asked about {len(unasked)} of {len(packages)} packages: "
            f"{', '.join(unasked[:5])}{', ...' if len(unasked) > 5 else ''}. "
            "This is no clean bill; try again where the advisories can be reached."
        ]
    return CLEAN, [f"Nothing is known against any of the {len(packages)} packages."]


def main(folder: Path) -> int:
    """Ask, judge, say."""
    tool = Path(sys.executable).with_name("pip-audit")
    words = ["--path", str(folder), "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([str(tool), *words], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        code, said = judge(json.loads(done.stdout))
    except (ValueError, KeyError):
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        code, said = UNKNOWN, [f"The advisories cannot be reached: {last[0]}"]
    print("\n".join(said), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
