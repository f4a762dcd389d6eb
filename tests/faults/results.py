"""What the fault tests found: told by each, printed, and kept for docs/reliability.md.

A test says which fault of docs/reliability.md it is about by ``@pytest.mark.fault("R1")``, and its
figure by the fixture ``figure``. ``make faults`` runs all that are marked so, wherever they live.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_found: list[dict[str, Any]] = []


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    if call.when == "call" and item.get_closest_marker("fault"):
        figures = [words for name, words in item.user_properties if name == "figure"]
        _found.append(
            {
                "fault": _fault(item),
                "test": item.nodeid,
                "passed": report.passed,
                "seconds": round(call.duration, 1),
                "figures": figures,
            }
        )
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    file: Path | None = session.config.getoption("--reliability")
    if file is None or not _found:
        return
    measured = {
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "tests": sorted(_found, key=lambda one: (int(one["fault"][1:]), one["test"])),
    }
    file.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
