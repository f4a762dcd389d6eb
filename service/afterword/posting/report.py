"""Report a comment to those who moderate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from afterword.core import signing
from afterword.core.db import db, insist, transaction
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.identity import authors
from afterword.markup import plain
from afterword.moderation import permissions, reports
from afterword.moderation.models import Reason, Report
from afterword.posting import reader as readers
from afterword.posting import target
from afterword.posting.reader import Reader
from afterword.sites import directory
from afterword.spam import networks
from afterword.threads import events

MAX_NOTE = 500


@dataclass(frozen=True)
class Complaint:
    """What somebody has against a comment. ``note`` is in their own words, maybe empty."""

    reason: Reason
    note: str = ""


def read(sent: Mapping[str, Any]) -> Complaint:
    """The complaint in ``{"reason", "note"?}``. Raises BadRequest."""
    reason, note = sent.get("reason"), sent.get("note") or ""
    if not isinstance(reason, str) or reason not in set(Reason):
        known = ", ".join(Reason)
        raise BadRequest(
            f"Please say why: reason is one of {known}.",
            fields={"reason": "unknown"},
        )
    if not isinstance(note, str):
        raise BadRequest("note must be text.", fields={"note": "not text"})
    note = plain.clean(note).strip()
    if len(note) > MAX_NOTE:
        raise BadRequest(
            _("Please say it in at most %(most)s characters.", most=MAX_NOTE),
            fields={"note": "too long"},
        )
    return Complaint(Reason(reason), note)


def report(
    comment_id: str,
    complaint: Complaint,
    *,
    reader: Reader,
    admit: Callable[[], None] = lambda: None,
) -> str:
    """Tell the moderators; again, it changes nothing. Answers the reader's token.

    With as many reporters as the site wants (``hold_reports``) the comment waits. Raises NotFound,
    OwnComment, Banned. ``admit`` as of ``vote``.
    """
    comment = target.find(comment_id)
    author = readers.admit(reader, site_id=comment.site_id)
    if author is not None and db.session.get(Report, (comment_id, author.id)) is not None:
        return reader.token or ""
    permissions.may_judge(comment, author_id=author.id if author else None)
    admit()
    token, called = reader.token or signing.new_secret(), networks.pseudonyms(reader.sender.address)
    insist(lambda: _store(comment_id, complaint, token=token, called=called))
    return token


def _store(comment_id: str, complaint: Complaint, *, token: str, called: tuple[str, ...]) -> None:
    with transaction() as session:
        comment = target.lock(target.find(comment_id))
        author = authors.find_or_add(token, site_id=comment.site_id)
        if session.get(Report, (comment_id, author.id)) is not None:
            return
        permissions.may_judge(comment, author_id=author.id)
        said = Report(
            comment_id=comment_id,
            author_id=author.id,
            reason=complaint.reason,
            note=complaint.note,
        )
        enough = directory.by_id(comment.site_id).options.hold_reports
        reports.add(comment, said, called=called, enough=enough)
        events.note(comment, events.Event.REPORTED)
