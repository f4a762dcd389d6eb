"""Formats by name."""

IMPORTERS = {
    "native": "afterword.transfer.importers.native:Native",
}
EXPORTERS = {
    "native": "afterword.transfer.exporters.native:write",
    "csv": "afterword.transfer.exporters.csv:write",
}
