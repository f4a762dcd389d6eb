"""``python -m afterword``: the same as ``afterword``."""

from afterword.cli import cli

cli(prog_name="afterword")
