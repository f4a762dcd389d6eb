"""Pictures of those who signed in, or are mentioned by a page of theirs: fetched once by this
service, drawn anew small, shown from here.

No reader's browser asks a provider for anything, and what a camera noted in a picture is not kept.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, select

from afterword.core import fetch
from afterword.core.db import db, transaction
from afterword.core.fetch import Limits, Unreachable
from afterword.identity import accounts
from afterword.identity.models import Account, Picture
from afterword.jobs import queue
from afterword.jobs.kinds import Failed
from afterword.threads import counts, turns
from afterword.threads.models import Comment

if TYPE_CHECKING:
    from PIL import Image

SIDE: Final = 96  # pixels; shown at half of it, for fine screens
_MOST: Final = 2 * 1024 * 1024
_MOST_PIXELS: Final = 4096 * 4096
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_LIMITS: Final = Limits(seconds=8.0, most=_MOST)


def want(account: Account) -> None:
    """Let the picture be fetched that an account's providers show. Inside a transaction."""
    if account.shows_picture and _address(account) is not None:
        queue.add("picture", {"account_id": account.id})


def get(account_id: str) -> None:
    """Fetch it, and show it with what they wrote. Raises Failed."""
    account = db.session.get(Account, account_id)
    url = _address(account) if account is not None else None
    if url is None:
        return
    db.session.commit()  # no connection of ours waits with the far side
    try:
        drawn = fetched(url)
    except Unreachable as fault:
        raise Failed(str(fault)) from None
    if drawn is None:
        return  # what is no picture now will be none the next time
    with transaction() as session:
        found = session.get(Account, account_id)
        if found is not None:
            found.picture_id = keep(drawn)
            show(found)


def fetched(url: str) -> bytes | None:
    """What is at an address, drawn anew; None where it is no picture. Raises Unreachable."""
    _, answer = fetch.follow(url, headers={"Accept": "image/*"}, limits=_LIMITS)
    return draw(answer.body) if answer.status == 200 else None


def keep(drawn: bytes) -> str:
    """Keep a picture, and answer by which name. Inside a transaction."""
    name = hashlib.sha256(drawn).hexdigest()[:40]
    db.session.merge(Picture(id=name, body=drawn))
    db.session.flush()
    return name


def draw(body: bytes) -> bytes | None:
    """A picture drawn anew: a small square, WebP. None for what is none, or is too large."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # 10 MB: only who signs in pays it

    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as opened:
            # Looked at before a pixel is unpacked: a small file can say that it is huge.
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            opened.draft("RGB", (SIDE, SIDE))
            square = ImageOps.fit(_upright(opened).convert("RGBA"), (SIDE, SIDE))
            kept = io.BytesIO()
            square.save(kept, "WEBP", quality=82)
            return kept.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _upright(opened: Image.Image) -> Image.Image:
    """A picture as its camera was held, where that can be read."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(opened)
    except Exception:  # whatever its notes hold: they are not what is wanted of it
        return opened


def show(account: Account) -> None:
    """Show an account's choice of a picture with all that it wrote. Inside a transaction."""
    chosen = account.picture_id if account.shows_picture else None
    mine = accounts.author_ids(account.id)
    rows = select(Comment).where(
        Comment.author_id.in_(mine), Comment.picture_id.is_distinct_from(chosen)
    )
    changed = turns.every(rows)
    for comment in changed:
        comment.picture_id = chosen
    db.session.flush()
    for page_id in sorted({comment.page_id for comment in changed if comment.is_shown}):
        counts.touch(page_id, *(one for one in changed if one.page_id == page_id))
    drop_unused()


def find(picture_id: str) -> bytes | None:
    """A picture that somebody shows."""
    found = db.session.get(Picture, picture_id)
    return found.body if found is not None else None


def _address(account: Account) -> str | None:
    return next((one.picture_url for one in account.passports if one.picture_url), None)


def drop_unused() -> None:
    """Forget the pictures that nobody shows any more. Inside a transaction."""
    used = exists().where(Account.picture_id == Picture.id)
    of_mentions = select(Comment.picture_id).where(
        Comment.mention.is_not(None), Comment.picture_id.is_not(None)
    )
    unused = delete(Picture).where(~used, Picture.id.not_in(of_mentions))
    db.session.execute(unused.execution_options(synchronize_session=False))
