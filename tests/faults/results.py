"""What the fault tests found: told by each, printed, and kept for docs/reliability.md.

A test says which fault of docs/reliability.md it is about by ``@pytest.mark.fault("R1")``, and its
figure by the fixture ``figure``. ``make faults`` runs all that are marked so, wherever they live.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import reliability

_found: list[dict[str, Any]] = []
_ABOUT = "fault"  # in the properties of a report, which pass between processes


@pytest.fixture
def figure(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[..., None]:
    """Tell what was measured: a sentence, once it was compared with its goal."""

    def tell(words: str) -> None:
        request.node.user_properties.append(("figure", words))
        with capsys.disabled():
            print(f"\n{_fault(request.node)}: {words}")

    return tell


def _fault(item: pytest.Item) -> str:
    marker = item.get_closest_marker("fault")
    return str(marker.args[0]) if marker else "R?"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("fault"):
        item.user_properties.append((_ABOUT, _fault(item)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    properties = report.user_properties
    about = [fault for name, fault in properties if name == _ABOUT]
    if about and (report.when == "call" or (report.when == "setup" and report.failed)):
        _found.append(
            {
                "fault": about[0],
                "test": report.nodeid,
                "passed": report.passed,
                "seconds": round(report.duration, 1),
                "figures": [words for name, words in properties if name == "figure"],
            }
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    file: Path | None = session.config.getoption("--reliability")
    if file is None or not _found or hasattr(session.config, "workerinput"):
        return
    measured = {
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "tests": sorted(_found, key=lambda one: (int(one["fault"][1:]), one["test"])),
    }
    file.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    reliability.write(file)
