"""The log: who did what, when, and what was before; as a page and as a table to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock, ids, spreadsheet
from afterword.core.errors import NotFound
from afterword.moderation import actions, audit, log, permissions
from afterword.moderation.log import Entry, Wanted
from afterword.moderation.models import Act
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.view import is_number

FILTERS = ("by", "verb", "since", "until", "comment", "words")
LONGEST = 300  # characters of a filter; the longest that makes sense is an e-mail address
# Acts in words. One that is not here, of a newer version say, is shown by its own name.
VERBS = {
    "approve": "approved",
    "spam": "marked as spam",
    "remove": "removed",
    "restore": "restored",
    "undo": "put back as before",
    "hold": "held",
    "edit": "edited",
    "revert": "put the earlier text back",
    "ban": "banned",
    "unban": "ended a ban",
    "trust": "trusted the author",
    "normal": "treated the author as others",
    "pin": "pinned",
    "unpin": "let go from the top of its page",
    "close": "closed a page",
    "open": "opened a page",
    "move": "moved a page",
    "merge": "merged a page",
    "unmerge": "parted merged pages",
    "invite": "invited a moderator",
    "assign": "changed what a moderator may do",
    "dismiss": "removed a moderator",
    "accept": "accepted an invitation",
    "change password": "changed the password",
    "reset password": "chose a new password by a link",
    "second step on": "turned the second step on",
    "second step off": "turned the second step off",
    "renew codes": "made new recovery codes",
    "end session": "ended a session",
    "end sessions": "logged out everywhere else",
    "wait": "was made to wait at the log-in after wrong tries",
    "add passkey": "added a passkey",
    "remove passkey": "removed a passkey",
    "refuse passkey": "was refused with a passkey that may have been copied",
}
ACTORS = {
    audit.AUTHOR: "The comment's author",
    audit.CHECKS: "The checks",
    audit.READERS: "Readers' reports",
    "command line": "The command line",
}
SAID = {
    "undone": "It was put back as before.",
    "late": "It had been decided or edited anew since, so nothing was undone.",
}
COLUMNS = (
    *("number", "at", "by", "act", "comment", "page", "state before"),
    *("text before", "text after", "note"),
)


@dataclass(frozen=True)
class View:
    """Which part of the log somebody looks at. Travels in addresses and in hidden fields."""

    typed: dict[str, str]  # by filter
    after: str | None

    def fields(self) -> dict[str, str]:
        """What says this view, without what goes without saying."""
        return {**self.typed, **({"after": self.after} if self.after else {})}

    def address(self, **changed: str | None) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        fields: dict[str, Any] = {**self.fields(), **changed}
        return url_for("admin.show_log", **{k: v for k, v in fields.items() if v is not None})


@admin.get("/log")
def show_log() -> str:
    view, wanted = _asked()
    return render_template(
        "admin/log.html",
        view=view,
        log=log.read(wanted, after=view.after),
        actors=_choices(log.actors(wanted.sites), ACTORS, "Everybody", chosen=view.typed.get("by")),
        verbs=_choices(log.verbs(wanted.sites), VERBS, "Everything", chosen=view.typed.get("verb")),
        said=SAID.get(request.args.get("done", "")),
        did=_did,
        names=ACTORS,
    )


@admin.get("/log.csv")
@confirm.by_password
def export_log() -> Response:
    _, wanted = _asked()
    answer = Response(stream_with_context(_lines(wanted)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=afterword-log.csv"
    return answer


@admin.post("/log/undo")
def undo_act() -> AnyResponse:
    view, _ = _asked()
    number = request.form.get("act", "")
    entry = log.find(int(number)) if is_number(number) else None
    if entry is None or not permissions.may_decide(access.moderator(), entry.act):
        raise NotFound("There is no such act.")
    moved = actions.undo([entry.act], by=access.moderator().email) if entry.may_be_undone else []
    return redirect(view.address(done="undone" if moved else "late"), 303)


def _asked() -> tuple[View, Wanted]:
    """What this request looks for. Raises NotFound: a filter left out would show too much."""
    said = {name: request.values.get(name, "").strip() for name in FILTERS}
    typed = {name: text for name, text in said.items() if text}
    comment_id = typed.get("comment")
    if any(len(text) > LONGEST or "\0" in text for text in typed.values()):
        raise NotFound("Nothing in the log can be looked for by that.")
    if comment_id is not None and not ids.is_id(comment_id):
        raise NotFound("This is no comment's id.")
    wanted = Wanted(
        by=typed.get("by"),
        verb=typed.get("verb"),
        since=_day(typed.get("since")),
        until=_day(typed.get("until")),
        comment_id=comment_id,
        words=typed.get("words"),
        sites=access.scope(None),
    )
    return View(typed, request.values.get("after") or None), wanted


def _day(written: str | None) -> dt.date | None:
    if written is None:
        return None
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise NotFound("A day is written as 2026-11-23.") from None


def _choices(
    found: list[str], words: dict[str, str], everything: str, *, chosen: str | None
) -> list[tuple[str, str]]:
    known = [*found, chosen] if chosen and chosen not in found else found
    return [("", everything), *((one, _capital(words.get(one, one))) for one in known)]


def _did(act: Act) -> str:
    """An act in words. Holding has a note where it is about all that an author is to send."""
    if act.verb == "hold" and act.note is not None:
        return "held what the author sends"
    return VERBS.get(act.verb, act.verb)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:] if "@" not in words else words


def _lines(wanted: Wanted) -> Iterator[str]:
    yield spreadsheet.BEGIN + spreadsheet.line(COLUMNS)
    for entry in log.every(wanted):
        yield spreadsheet.line(_cells(entry))


def _cells(entry: Entry) -> tuple[str | None, ...]:
    act, comment = entry.act, entry.comment
    what = (act.comment_id, comment.page.url if comment else None, act.state_before)
    return (
        *(str(act.id), clock.text(act.at), act.by, act.verb, *what),
        *(act.text_before, entry.text_after, act.note),
    )
