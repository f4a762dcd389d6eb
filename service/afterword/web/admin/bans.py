"""Everybody who may not write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import audit, bans, permissions
from afterword.moderation.bans import Terms
from afterword.web.admin import access, admin
from afterword.web.admin.authors import LENGTHS
from afterword.web.admin.queue import notice_of_acts, spelled

TYPED = ("who", "note", "site")
LONGEST = 300  # characters that are looked for


@dataclass(frozen=True, kw_only=True)
class View:
    """Which bans somebody looks at."""

    words: str = ""
    after: int | None = None

    def address(self, **changed: Any) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        fields = {"words": self.words or None, "after": self.after, **changed}
        return url_for("admin.show_bans", **{k: v for k, v in fields.items() if v is not None})


@admin.get("/bans")
def show_bans() -> Response:
    return _show(typed=dict.fromkeys(TYPED, ""))


@admin.post("/bans")
def add_ban() -> AnyResponse | Response:
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    try:
        ban = bans.add(bans.read(typed["who"]), _terms(typed))
    except Problem as problem:
        return _show(typed=typed, problem=problem)
    acts = spelled(audit.newest_about([f"ban:{ban.id}"]))
    return redirect(url_for("admin.show_bans", acts=acts), 303)


@admin.post("/bans/lift")
def lift_ban() -> AnyResponse:
    number = ids.number(request.form.get("ban", ""))
    if number is None or not permissions.may_decide(access.moderator(), bans.by_id(number)):
        raise NotFound(_("There is no such ban."))
    bans.lift(number, by=access.moderator().email)
    acts = spelled(audit.newest_about([f"ban:{number}"]))
    back = request.form.get("back") or url_for("admin.show_bans")
    return redirect(access.way_back(back, acts=acts), 303)


def _terms(typed: dict[str, str]) -> Terms:
    site = next((one for one in access.sites() if str(one.id) == typed["site"]), None)
    length = request.form.get("length", "")
    is_elsewhere = site is None and (typed["site"] or not access.moderator().is_owner)
    if is_elsewhere or length not in LENGTHS:
        raise BadRequest(_("Say where, and for how long."))
    return Terms(
        by=access.moderator().email,
        hours=LENGTHS[length][1],
        site_id=site.id if site else None,
        note=typed["note"],
    )


def _asked() -> View:
    """The view that this request names. Raises NotFound for what there is none of."""
    words, after = (request.args.get(name, "").strip() for name in View.__annotations__)
    if (after and ids.number(after) is None) or len(words) > LONGEST or "\0" in words:
        raise NotFound(_("There is no such list of bans."))
    return View(words=words, after=ids.number(after))


def _show(*, typed: dict[str, str], problem: Problem | None = None) -> Response:
    view, sites = _asked(), {site.id: site for site in access.sites()}
    page = render_template(
        "admin/bans.html",
        view=view,
        found=bans.search(view.words, sites=access.scope(None), after=view.after),
        describe=bans.describe,
        sites=sites,
        typed=typed,
        problem=problem,
        lengths=LENGTHS,
        chosen=request.form.get("length", "month"),
        notice=notice_of_acts(),
    )
    return make_response(page, problem.status if problem else 200)
