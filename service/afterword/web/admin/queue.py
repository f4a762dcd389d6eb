"""The queue: comments by state, and what was just done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from afterword.moderation import audit, clusters, queue, reports
from afterword.moderation.models import Act
from afterword.sites import directory
from afterword.threads.models import State
from afterword.web.admin import access, admin

TABS = (State.PENDING, State.VISIBLE, State.SPAM, State.REMOVED)
# What can be done with a comment in each state, the likeliest first.
ACTS = {
    State.PENDING: ("approve", "spam", "remove"),
    State.VISIBLE: ("spam", "remove"),
    State.SPAM: ("approve", "restore", "remove"),
    State.REMOVED: ("restore", "spam"),
}
REPORTED_ACTS = ("approve", "spam", "remove")
MOST_SPELLED = 150  # acts that an address names one by one
MOST_ACTS = 2 * clusters.MOST  # in a range: others' are among them
DONE = {
    "approve": "approved",
    "spam": "marked as spam",
    "remove": "removed",
    "restore": "restored",
    "undo": "put back as before",
    "edit": "changed",
}
SAID = {
    "edited": "The comment was changed.",
    "replied": "Your reply is on the page.",
    "none": "Nothing was done: tick comments, then press a button.",
}


@dataclass(frozen=True, kw_only=True)
class View:
    """Which part of the queue somebody looks at. Travels in addresses and in hidden fields."""

    state: State = State.PENDING
    is_reported: bool = False  # only what readers reported
    site: int | None = None
    sort: str = "newest"
    after: str | None = None

    def fields(self) -> dict[str, Any]:
        """What says this view, without what goes without saying."""
        said = {
            "state": self.state.value if self.state is not State.PENDING else None,
            "reported": "1" if self.is_reported else None,
            "site": str(self.site) if self.site is not None else None,
            "sort": self.sort if self.sort != "newest" else None,
            "after": self.after,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changed: Any) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        fields = {**self.fields(), **changed}
        return url_for("admin.show_queue", **{k: v for k, v in fields.items() if v is not None})


@dataclass(frozen=True)
class Notice:
    """What was just done, and the acts that an Undo would take back."""

    said: str
    undo: str | None


def asked() -> View:
    """The view that this request names; what makes no sense in it is left out."""
    state, sort, site = (request.values.get(name, "") for name in ("state", "sort", "site"))
    known = {str(known.id): known.id for known in directory.every()}
    return View(
        state=State(state) if state in set(State) else State.PENDING,
        is_reported=request.values.get("reported") == "1",
        site=known.get(site),
        sort="oldest" if sort == "oldest" else "newest",
        after=request.values.get("after"),
    )


@admin.get("/")
def show_queue() -> str:
    view = asked()
    found = queue.read(
        view.state,
        site_id=view.site,
        is_reported=view.is_reported,
        is_newest_first=view.sort == "newest",
        after=view.after,
    )
    return render_template(
        "admin/queue.html",
        view=view,
        queue=found,
        totals=queue.totals(view.site),
        tabs=TABS,
        reported=reports.total(view.site),
        acts=REPORTED_ACTS if view.is_reported else ACTS[view.state],
        sites=directory.every(),
        notice=_notice(),
    )


def _notice() -> Notice | None:
    """What the acts in the address did: read from the log, so that nobody can word it by a link."""
    acts = named_acts(request.args.get("acts", ""))
    left = request.args.get("left", "")
    sentences = (
        _done(acts) if acts else SAID.get(request.args.get("done", "")),
        _left_out(int(left)) if is_number(left) else None,
    )
    said = " ".join(sentence for sentence in sentences if sentence)
    return Notice(said, _undone_by(acts)) if said else None


def is_number(word: str) -> bool:
    """Whether this could be a number in the log."""
    return word.isascii() and word.isdigit() and len(word) < 10


def named_acts(written: str) -> list[Act]:
    """The moderator's own acts that ``spelled`` names; what makes no sense in it is left out."""
    first, dash, last = written.partition("-")
    if dash and is_number(first) and is_number(last):
        named = list(range(int(first), min(int(last), int(first) + MOST_ACTS) + 1))
    else:
        named = [int(word) for word in written.split(".") if is_number(word)]
    return audit.find(named, by=access.moderator().email)


def spelled(acts: list[Act]) -> str | None:
    """Acts as they travel in an address: each, or the first and the last of very many."""
    if len(acts) > MOST_SPELLED:
        return f"{acts[0].id}-{acts[-1].id}"
    return ".".join(str(act.id) for act in acts) or None


def _undone_by(acts: list[Act]) -> str | None:
    moves = [act for act in acts if act.verb != "undo"]
    if len(moves) > MOST_SPELLED:  # which of them were moved again since, undo itself looks
        return spelled(moves)
    return spelled([act for act in moves if audit.is_last_move(act)])


def _done(acts: list[Act]) -> str:
    return f"{_many(len(acts))} {DONE[acts[0].verb]}."


def _left_out(count: int) -> str:
    stays = "stays as it is" if count == 1 else "stay as they are"
    return f"{_many(count)} had been decided by someone else in the meantime and {stays} now."


def _many(count: int) -> str:
    return "1 comment" if count == 1 else f"{count} comments"
