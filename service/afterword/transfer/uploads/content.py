"""What is in the files that were sent: joined to be read, and searched for addresses."""

from __future__ import annotations

import contextlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, cast

from sqlalchemy import select

from afterword.core import config
from afterword.core.db import db
from afterword.transfer.reading import BadFile
from afterword.transfer.unpack import unpacked
from afterword.transfer.uploads.models import Part, Upload

_AT_ONCE: Final = 1024 * 1024
_SAID: Final = (Upload.name, Upload.chosen, Upload.report, Upload.fault)
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")


@contextlib.contextmanager
def joined(upload_id: str) -> Iterator[BinaryIO]:
    """The file, its parts one behind the other."""
    rows = select(Part.content).where(Part.upload_id == upload_id).order_by(Part.number)
    with tempfile.TemporaryFile(dir=config.current().data) as file:
        for content in db.session.scalars(rows.execution_options(yield_per=100)):
            file.write(content)
        db.session.rollback()
        file.seek(0)
        yield cast(BinaryIO, file)


def naming(addresses: Sequence[str]) -> list[str]:
    """The ids of the uploads in which one of these addresses is, in what was said of them, or in
    what was found; and of those that cannot be read.

    Slow where the files are large: not to be called while the database is held.
    """
    if not addresses:
        return []
    wanted = [address.lower().encode(how) for address in addresses for how in _ENCODINGS]
    found = []
    for upload_id, parts, *said in db.session.execute(
        select(Upload.id, Upload.parts, *_SAID)
    ).all():
        words = json.dumps(said, ensure_ascii=False).lower()
        is_said = any(address.lower() in words for address in addresses)
        if is_said or (parts and _names(upload_id, wanted)):
            found.append(upload_id)
    return found


def _names(upload_id: str, wanted: Sequence[bytes]) -> bool:
    try:
        with joined(upload_id) as file, unpacked(file, config.current().data) as content:
            return any(_is_in(member, wanted) for member in _members(content))
    except (BadFile, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return True


def _members(content: BinaryIO) -> Iterator[BinaryIO]:
    """The file itself, or each file of an archive that is imported as a whole."""
    if not zipfile.is_zipfile(content):
        content.seek(0)
        yield content
        return
    with zipfile.ZipFile(content) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                yield cast(BinaryIO, member)


def _is_in(content: BinaryIO, wanted: Sequence[bytes]) -> bool:
    longest = max(map(len, wanted))
    before = b""
    while piece := content.read(_AT_ONCE):
        before = before[-longest:] + piece.lower()
        if any(address in before for address in wanted):
            return True
    return False
