"""A comment as GitHub's REST interface answers it, on an issue or in a discussion."""

from __future__ import annotations

from afterword.transfer import moments
from afterword.transfer.reading import github
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import CommentRecord, SkippedRecord

_KINDS = ("+1", "-1", *github.REACTIONS)


def comment(
    said: Fields,
    url: str | None,
    lacking: github.Lacking,
    *,
    own_id: str = "",
    parent: str | None = None,
) -> CommentRecord | SkippedRecord:
    """The comment, on the page at ``url``; without that, on none."""
    own_id = own_id or said.text("id")
    if url is None:
        return SkippedRecord(at=f"comment {own_id}", id=own_id, reason="not_ours")
    lacking.whether_hidden()
    author = said.of("user")
    reactions = {kind: said.of("reactions").votes(kind) for kind in _KINDS}
    created, changed = (moments.read(said.raw(when)) for when in ("created_at", "updated_at"))
    return CommentRecord(
        at=f"comment {own_id}",
        id=own_id,
        page_url=url,
        parent=parent,
        text=said.words("body"),
        created=created,
        edited=changed if changed != created else None,
        name=github.name(author),
        username=author.text("login") or None,
        website=author.text("html_url") or None,
        is_moderator=said.text("author_association") in github.OWNERS,
        up=reactions["+1"],
        down=reactions["-1"],
        reactions=lacking.reactions(reactions),
    )
