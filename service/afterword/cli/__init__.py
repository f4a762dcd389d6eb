"""The command line. Each command translates words into a use case and its result into words.

Exit codes: 0 done, 1 the work failed (one sentence says why), 2 wrong usage.
"""

from afterword.cli.group import cli

__all__ = ["cli"]
