"""The queue: comments by state, and what was just done to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for

from afterword.core import clock, ids
from afterword.core.i18n import N_, _, entry, n_, ngettext
from afterword.moderation import audit, index, queue, reports, sweeps, undo
from afterword.moderation.index import Count
from afterword.moderation.models import Act
from afterword.moderation.queue import Queue
from afterword.threads.models import State
from afterword.web.admin import access, admin, narrowing
from afterword.web.admin.view import View, asked

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
MOST_ACTS = 1000  # in a range: others' are among them
DONE = {
    "approve": n_("%(n)s comment approved.", "%(n)s comments approved."),
    "spam": n_("%(n)s comment marked as spam.", "%(n)s comments marked as spam."),
    "remove": n_("%(n)s comment removed.", "%(n)s comments removed."),
    "restore": n_("%(n)s comment restored.", "%(n)s comments restored."),
    "undo": n_("%(n)s comment put back as before.", "%(n)s comments put back as before."),
    "edit": n_("%(n)s comment changed.", "%(n)s comments changed."),
    "revert": n_(
        "%(n)s comment given its earlier text back.",
        "%(n)s comments given their earlier text back.",
    ),
}
OTHERS = {  # what was done to somebody
    "ban": N_("Banned. Who is banned is told so when sending."),
    "unban": N_("The ban has ended."),
    "configure": N_("The choices of the site are changed."),
    "undo": N_("It was put back as before."),
    **dict.fromkeys(("hold", "trust", "normal"), N_("Decided.")),
}
SAID = {
    "pinned": N_("The comment stands first on its page."),
    "unpinned": N_("The comment stands in its place again."),
    "replied": N_("Your reply is on the page."),
    "undone": N_("It was put back as before."),
    "same": N_("It is so already."),
    "stays": N_("Something else was decided since, and stays as it is."),
    "none": N_("Nothing was done: tick comments, then press a button."),
}


@dataclass(frozen=True)
class Notice:
    """What was just done, and the acts that an Undo would take back."""

    said: str
    undo: str | None


@admin.get("/")
def show_queue() -> str:
    until = clock.text(clock.now())  # before looking: what comes meanwhile was not shown
    view = asked()
    shown = _shown(view)
    return render_template(
        "admin/queue.html",
        view=view,
        queue=shown,
        until=until,
        tabs=TABS,
        **(_counts_found(view, shown) if view.is_narrowed else _counts(view)),
        acts=REPORTED_ACTS if view.is_reported else ACTS[view.state],
        sites=access.sites(),
        stream=_stream(view),
        sweeps=sweeps.recent(access.moderator().email),
        narrowing=narrowing.of(view, shown.comments, typed=request.args.get("q", "")),
        notice=notice_of_acts(),
    )


def _shown(view: View) -> Queue:
    is_newest_first = view.sort == "newest"
    if view.is_narrowed:
        return queue.search(view.wanted, is_newest_first=is_newest_first, after=view.after)
    return queue.read(
        view.state,
        sites=access.scope(view.site),
        is_reported=view.is_reported,
        is_newest_first=is_newest_first,
        after=view.after,
    )


def _stream(view: View) -> str | None:
    """Where to hear of comments that come after this look; None where they cannot be told apart."""
    if view.is_narrowed or view.is_reported:
        return None
    newest = queue.newest(view.state, sites=access.scope(view.site))
    return url_for("admin.show_stream", state=view.state.value, site=view.site, newest=newest)


def _counts(view: View) -> dict[str, Any]:
    """What the tabs show: how many there are."""
    scope = access.scope(view.site)
    totals, reported = queue.totals(scope), reports.total(scope)
    counts = {state: Count.of(total, most=queue.MOST) for state, total in totals.items()}
    return {"totals": counts, "reported": Count.of(reported, most=queue.MOST)}


def _counts_found(view: View, shown: Queue) -> dict[str, Any]:
    wanted = replace(view.wanted, state=State.VISIBLE, is_reported=True)
    most = queue.MOST_FOUND
    reported = Count.of(index.count(wanted, most=most + 1), most=most)
    first = None if view.after else shown
    return {"totals": queue.found(view.wanted, first=first), "reported": reported}


def notice_of_acts() -> Notice | None:
    """What the acts in the address did: read from the log, so that nobody can word it by a link."""
    acts = named_acts(request.args.get("acts", ""))
    left = ids.number(request.args.get("left", ""))
    sentences = (
        _done(acts),
        entry(SAID, request.args.get("done", "")),
        _left_out(left) if left is not None else None,
    )
    said = " ".join(sentence for sentence in sentences if sentence)
    return Notice(said, _undone_by(acts)) if said else None


def named_acts(written: str) -> list[Act]:
    """The moderator's own acts that ``spelled`` names; what makes no sense in it is left out."""
    first, last = map(ids.number, written.partition("-")[::2])
    if first is not None and last is not None:
        named = list(range(first, min(last, first + MOST_ACTS) + 1))
    else:
        numbers = map(ids.number, written.split("."))
        named = [one for one in numbers if one is not None]
    return audit.find(named, by=access.moderator().email, sites=access.scope(None))


def spelled(acts: list[Act]) -> str | None:
    """Acts as they travel in an address: each, or the first and the last of very many."""
    if len(acts) > MOST_SPELLED:
        return f"{acts[0].id}-{acts[-1].id}"
    return ".".join(str(act.id) for act in acts) or None


def _undone_by(acts: list[Act]) -> str | None:
    if len(acts) > MOST_SPELLED:  # which of them were moved again since, undo itself looks
        return spelled([act for act in acts if act.verb not in audit.TAKEN_BACK])
    possible = undo.possible(acts)
    return spelled([act for act in acts if act.id in possible])


def _done(acts: list[Act]) -> str:
    """What was done, a sentence for each kind of it."""
    others = dict.fromkeys(
        OTHERS[act.verb] for act in acts if act.note is not None and act.verb in OTHERS
    )
    moved = Counter(act.verb for act in acts if act.note is None and act.verb in DONE)
    sentences = [ngettext(*DONE[verb], many) for verb, many in moved.items()]
    return " ".join([*(_(said) for said in others), *sentences])


def _left_out(count: int) -> str:
    return ngettext(
        "%(n)s comment had been decided or changed by someone else in the meantime and stays as it "
        "is now.",
        "%(n)s comments had been decided or changed by someone else in the meantime and stay as "
        "they are now.",
        count,
    )
