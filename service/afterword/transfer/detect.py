"""Which importer reads a file, and whether a file that gave nothing has nothing to give."""

from __future__ import annotations

from typing import BinaryIO

from afterword.core import registry
from afterword.transfer import formats, sniff
from afterword.transfer.reading import BadFile, json
from afterword.transfer.record import Importer
from afterword.transfer.unpack import too_many


def importer(format_name: str, file: BinaryIO) -> Importer:
    """The importer of a format; of ``auto`` the one that knows the file. Raises BadFile."""
    sample = sniff.look(file)
    if format_name != formats.AUTO:
        named: Importer = registry.load(formats.IMPORTERS[format_name])()
        if sample.members and not named.detects(sample):
            raise too_many(sample.members)
        return named
    for dotted in dict.fromkeys(formats.IMPORTERS.values()):
        one: Importer = registry.load(dotted)()
        if one.detects(sample):
            return one
    known = ", ".join(formats.IMPORTERS)
    raise BadFile(f"The file is of no format that is known here. There are: {known}.")


def look_whether_empty(format_name: str, reader: Importer, file: BinaryIO) -> None:
    """A file in which an importer found nothing is an empty one of its format, or of another.
    Raises BadFile."""
    file.seek(0)
    sample = sniff.look(file)
    if not sample.start and not sample.preface:
        raise BadFile("There is nothing in the file.")
    if reader.detects(sample) or json.is_hollow(file):
        return
    raise BadFile(
        f"Nothing in the file is of the format {format_name}."
        f" Say {formats.AUTO} instead, and the format is found by what is in the file."
    )
