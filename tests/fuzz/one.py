"""One target under Atheris: ``python -m tests.fuzz.one TARGET FOLDER [libFuzzer's options]``."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # an extra of its own

from tests.fuzz.__main__ import INSTRUMENTED

with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
    from tests.fuzz import targets


def main() -> None:
    name, folder = sys.argv[1:3]
    for number, seed in enumerate(targets.seeds(name)):
        (Path(folder) / f"seed-{number}").write_bytes(seed)
    # A text that cannot be rendered is logged and shown as plain text: here it is a finding.
    logging.getLogger("afterword").addHandler(_Fail(logging.ERROR))
    with targets.ready():
        atheris.Setup([sys.argv[0], *sys.argv[2:]], targets.TARGETS[name])
        atheris.Fuzz()


class _Fail(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage()) from (record.exc_info or (None, None))[1]


main()
