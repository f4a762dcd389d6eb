"""The configuration of a site by command."""

from __future__ import annotations

import json

import pytest

from tests import running

pytestmark = pytest.mark.slow


def test_a_configuration_goes_out_is_tried_and_comes_in(tmp_path):
    data, file = tmp_path / "data", tmp_path / "blog.json"
    for origin in ("https://blog.example", "https://other.example"):
        assert running.command(data, "sites", "add", origin).returncode == 0
    running.command(data, "sites", "set", "blog.example", "policy=hold-all")
    assert running.command(data, "sites", "export", "blog.example", str(file)).returncode == 0
    assert json.loads(file.read_text())["options"] == {"policy": "hold-all"}
    bring = ("sites", "import", "other.example", str(file))
    tried = running.command(data, *bring, "--dry-run")
    assert tried.stdout == "policy: publish -> hold-all\n"
    assert running.command(data, *bring).stdout == tried.stdout
    assert running.command(data, *bring).stdout.startswith("Nothing would change")
    file.write_text("{")
    refused = running.command(data, *bring)
    assert refused.returncode == 1
    assert "This is no JSON" in refused.stderr
