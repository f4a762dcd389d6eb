"""What an owner does with an upload: send it, have it looked through, bring it in, drop it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select, update

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, Conflict, NotFound, TooLarge
from afterword.core.i18n import _
from afterword.jobs import queue
from afterword.transfer.uploads.choices import Chosen
from afterword.transfer.uploads.models import Part, Stage, Upload

# Packed, as the desk sends them. An import of more is for the command, beside the database.
MOST_BYTES: Final = 64 * 1024 * 1024
# Small enough for every proxy's limit, and for a service that reads no long requests.
PART_BYTES: Final = 48 * 1024
KEPT: Final = dt.timedelta(days=30)
AT_WORK: Final = {Stage.LOOKING, Stage.BRINGING}


def begin(site_id: int, name: str, *, by: str) -> Upload:
    """Make room for a file. Forgets those that are a month old."""
    with transaction() as session:
        session.execute(delete(Upload).where(Upload.at < clock.now() - KEPT))
        upload = Upload(site_id=site_id, name=name[:200] or "a file", by=by)
        session.add(upload)
    return upload


def find(upload_id: str) -> Upload | None:
    """An upload as it is now."""
    return db.session.get(Upload, upload_id, populate_existing=True)


def recent(site_id: int, *, limit: int = 10) -> list[Upload]:
    """The uploads of a site, the newest first."""
    rows = select(Upload).where(Upload.site_id == site_id).order_by(Upload.at.desc(), Upload.id)
    return list(db.session.scalars(rows.limit(limit)))


def add_part(upload_id: str, number: int, content: bytes) -> int:
    """Take the next piece of a file; answers how many are there. One that is there stays.

    Raises NotFound, Conflict for a piece out of turn, BadRequest, TooLarge.
    """
    if not 0 < len(content) <= PART_BYTES:
        raise BadRequest(_("A part has between 1 and %(most)s bytes.", most=PART_BYTES))
    with transaction() as session:
        upload = _locked(upload_id)
        if number < upload.parts:
            return upload.parts
        if upload.stage is not Stage.SENDING or number > upload.parts:
            raise Conflict(_("The parts of a file come one after the other."))
        if upload.size + len(content) > MOST_BYTES:
            raise TooLarge(_("The file is larger than the desk takes: use afterword import."))
        session.add(Part(upload_id=upload.id, number=number, content=content))
        upload.parts += 1
        upload.size += len(content)
        return upload.parts


def look(upload_id: str, chosen: Chosen) -> Upload:
    """Have it read and planned. Raises NotFound, Conflict."""
    return _set_to_work(
        upload_id, Stage.LOOKING, {Stage.SENDING, Stage.READY, Stage.FAILED}, chosen
    )


def bring_in(upload_id: str) -> Upload:
    """Have its comments written, as the report says. Raises NotFound, Conflict."""
    return _set_to_work(upload_id, Stage.BRINGING, {Stage.READY})


def drop(upload_id: str) -> None:
    """Forget an upload; comments that came in stay. Raises NotFound, Conflict."""
    with transaction() as session:
        upload = _locked(upload_id)
        if upload.stage is Stage.BRINGING:
            raise Conflict(_("Its comments are coming in: wait until that is done."))
        session.delete(upload)


def forget(ids: Sequence[str]) -> int:
    """Forget these uploads, inside a transaction; answers how many there were. Raises Conflict."""
    found = db.session.scalars(select(Upload).where(Upload.id.in_(ids)).with_for_update()).all()
    if any(upload.stage is Stage.BRINGING for upload in found):
        raise Conflict("A file that names this address is coming in: try again when that is done.")
    for upload in found:
        db.session.delete(upload)
    return len(found)


def release(upload_id: str) -> None:
    """Let somebody else begin the work on it at once: who was at it is gone."""
    with transaction() as session:
        session.execute(
            update(Upload)
            .where(Upload.id == upload_id)
            .values(beat=None)
            .execution_options(synchronize_session=False)
        )


def _set_to_work(
    upload_id: str, stage: Stage, before: set[Stage], chosen: Chosen | None = None
) -> Upload:
    with transaction():
        upload = _locked(upload_id)
        if upload.stage is stage:  # pressed twice
            return upload
        if upload.stage not in before:
            raise Conflict(_("It is at work already, or done."))
        if not upload.parts:
            raise Conflict(_("Nothing of the file has arrived: send it again."))
        if chosen is not None:
            upload.chosen = chosen.kept()
        upload.stage, upload.step, upload.fault = stage, None, None
        upload.done = upload.total = upload.starts = 0
        upload.beat = None
        queue.add("upload", {"upload_id": upload.id})
    return upload


def _locked(upload_id: str) -> Upload:
    upload = db.session.get(Upload, upload_id, populate_existing=True, with_for_update=True)
    if upload is None:
        raise NotFound(_("There is no such upload, or it was too long ago."))
    return upload
