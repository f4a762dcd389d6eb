"""An audit that could not look is no clean bill (``deploy/audit.py``)."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parent.parent / "deploy" / "audit.py"


@pytest.fixture(scope="module")
def audit():
    found = importlib.util.spec_from_file_location("audit", FILE)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def package(name, *weak, **more):
    vulns = [{"id": one, "fix_versions": ["2.0"], "aliases": []} for one in weak]
    return {"name": name, "version": "1.0", "vulns": vulns, **more}


def unasked(name):
    return {"name": name, "skip_reason": f"Dependency not found on PyPI: {name} (1.0)"}


def test_packages_without_a_known_weakness_are_clean(audit):
    code, said = audit.judge({"dependencies": [package("flask"), unasked("afterword")]})
    assert (code, said) == (0, ["Nothing is known against any of the 1 packages."])


def test_a_known_weakness_is_named_with_what_mends_it(audit):
    code, said = audit.judge({"dependencies": [package("flask", "GHSA-1"), unasked("jinja2")]})
    assert (code, said) == (1, ["flask 1.0: GHSA-1, mended in 2.0"])


def test_a_weakness_that_does_not_touch_us_is_accepted_by_name(audit, monkeypatch):
    monkeypatch.setitem(audit.ACCEPTED, "GHSA-1", "we never call that")
    assert audit.judge({"dependencies": [package("flask", "GHSA-1")]})[0] == 0


@pytest.mark.parametrize("found", [[], [unasked("flask")], [package("flask"), unasked("jinja2")]])
def test_what_could_not_be_looked_at_is_not_called_clean(audit, found):
    assert audit.judge({"dependencies": found})[0] == 2


def test_an_audit_that_cannot_ask_says_so_and_ends_with_2(tmp_path):
    # The tool is beside the interpreter; here is one that fails as without a network.
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'ConnectionError: no route' >&2\nexit 1\n")
    tool.chmod(0o755)
    done = subprocess.run([python, FILE, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be reached: ConnectionError: no route" in done.stderr
