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
from afterword.core.i18n import N_, _, entry
from afterword.moderation import audit, log, permissions, undo
from afterword.moderation.log import Entry, Wanted
from afterword.moderation.models import Act
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.shown import capital

FILTERS = ("by", "verb", "since", "until", "comment", "words")
LONGEST = 300  # characters of a filter; the longest that makes sense is an e-mail address
# Acts in words. One that is not here, of a newer version say, is shown by its own name.
VERBS = {
    "approve": N_("approved"),
    "spam": N_("marked as spam"),
    "remove": N_("removed"),
    "restore": N_("restored"),
    "undo": N_("put back as before"),
    "hold": N_("held"),
    "edit": N_("edited"),
    "revert": N_("put the earlier text back"),
    "ban": N_("banned"),
    "unban": N_("ended a ban"),
    "trust": N_("trusted the author"),
    "normal": N_("treated the author as others"),
    "configure": N_("changed the choices of a site"),
    "add site": N_("added a site"),
    "remove site": N_("removed a site"),
    "allow": N_("added an address to a site"),
    "disallow": N_("took an address away from a site"),
    "pin": N_("pinned"),
    "unpin": N_("let go from the top of its page"),
    "close": N_("closed a page"),
    "open": N_("opened a page"),
    "call": N_("gave a page another title"),
    "move": N_("moved a page"),
    "move pages": N_("moved pages"),
    "move back": N_("moved a page back"),
    "link": N_("linked a post to a page"),
    "unlink": N_("took the post of a page away"),
    "merge": N_("merged a page"),
    "unmerge": N_("parted merged pages"),
    "invite": N_("invited a moderator"),
    "assign": N_("changed what a moderator may do"),
    "dismiss": N_("removed a moderator"),
    "erase": N_("erased what is kept of a person"),
    "export": N_("took out a file"),
    "import": N_("brought in a file"),
    "add provider": N_("added a way to sign in"),
    "change provider": N_("changed a way to sign in"),
    "remove provider": N_("took a way to sign in away"),
    "apart": N_("kept two pages apart"),
    "remark": N_("wrote a remark about an author"),
    "drop remark": N_("took a remark about an author away"),
    "retry jobs": N_("let dead jobs start anew"),
    "replay": N_("sent a call of the webhook again"),
    "accept": N_("accepted an invitation"),
    "change password": N_("changed the password"),
    "reset password": N_("chose a new password by a link"),
    "second step on": N_("turned the second step on"),
    "second step off": N_("turned the second step off"),
    "renew codes": N_("made new recovery codes"),
    "end session": N_("ended a session"),
    "end sessions": N_("logged out everywhere else"),
    "wait": N_("was made to wait at the log-in after wrong tries"),
    "add passkey": N_("added a passkey"),
    "remove passkey": N_("removed a passkey"),
    "refuse passkey": N_("was refused with a passkey that may have been copied"),
}
ACTORS = {
    audit.AUTHOR: N_("The comment's author"),
    audit.CHECKS: N_("The checks"),
    audit.READERS: N_("Readers' reports"),
    "command line": N_("The command line"),
}
SAID = {
    "undone": N_("It was put back as before."),
    "late": N_("It had been decided or edited anew since, so nothing was undone."),
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
        actors=_choices(
            log.actors(wanted.sites), ACTORS, _("Everybody"), chosen=view.typed.get("by")
        ),
        verbs=_choices(
            log.verbs(wanted.sites), VERBS, _("Everything"), chosen=view.typed.get("verb")
        ),
        said=entry(SAID, request.args.get("done", "")),
        did=_did,
        may_undo=_may_undo,
        names=ACTORS,
    )


@admin.get("/log.csv")
@confirm.by_password
def export_log() -> Response:
    _view, wanted = _asked()
    audit.record("export", by=access.moderator().email, about="log")
    answer = Response(stream_with_context(_lines(wanted)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=afterword-log.csv"
    return answer


@admin.post("/log/undo")
def undo_act() -> AnyResponse:
    view, _wanted = _asked()
    number = ids.number(request.form.get("act", ""))
    entry = log.find(number) if number is not None else None
    if entry is None or not permissions.may_decide(access.moderator(), entry.act):
        raise NotFound(_("There is no such act."))
    by = access.moderator().email
    is_done = _may_undo(entry) and any(undo.take_back([entry.act], by=by))
    return redirect(view.address(done="undone" if is_done else "late"), 303)


def _asked() -> tuple[View, Wanted]:
    """What this request looks for. Raises NotFound: a filter left out would show too much."""
    said = {name: request.values.get(name, "").strip() for name in FILTERS}
    typed = {name: text for name, text in said.items() if text}
    comment_id = typed.get("comment")
    if any(len(text) > LONGEST or "\0" in text for text in typed.values()):
        raise NotFound(_("Nothing in the log can be looked for by that."))
    if comment_id is not None and not ids.is_id(comment_id):
        raise NotFound(_("This is no comment's id."))
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
        raise NotFound(_("A day is written as 2026-11-23.")) from None


def _choices(
    found: list[str], words: dict[str, str], everything: str, *, chosen: str | None
) -> list[tuple[str, str]]:
    known = [*found, chosen] if chosen and chosen not in found else found
    return [("", everything), *((one, _begun(entry(words, one) or one)) for one in known)]


def _may_undo(entry: Entry) -> bool:
    """Whether an act can be taken back, and by whoever looks at it."""
    return entry.may_be_undone and undo.may_be_taken_back(entry.act, by=access.moderator())


def _did(act: Act) -> str:
    """An act in words. Holding has a note where it is about all that an author is to send."""
    if act.verb == "hold" and act.note is not None:
        return _("held what the author sends")
    return entry(VERBS, act.verb) or act.verb


def _begun(words: str) -> str:
    return capital(words) if "@" not in words else words  # an address stays as it is


def _lines(wanted: Wanted) -> Iterator[str]:
    yield spreadsheet.BEGIN + spreadsheet.line(COLUMNS)
    for one in log.every(wanted):
        yield spreadsheet.line(_cells(one))


def _cells(entry: Entry) -> tuple[str | None, ...]:
    act, comment = entry.act, entry.comment
    what = (act.comment_id, comment.page.url if comment else None, act.state_before)
    return (
        *(str(act.id), clock.text(act.at), act.by, act.verb, *what),
        *(act.text_before, entry.text_after, act.note),
    )
