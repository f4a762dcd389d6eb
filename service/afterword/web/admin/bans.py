"""Everybody who may not write."""

from __future__ import annotations

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


def _show(*, typed: dict[str, str], problem: Problem | None = None) -> Response:
    sites = {site.id: site for site in access.sites()}
    page = render_template(
        "admin/bans.html",
        bans=bans.of_sites(access.scope(None)),
        describe=bans.describe,
        sites=sites,
        typed=typed,
        problem=problem,
        lengths=LENGTHS,
        chosen=request.form.get("length", "month"),
        notice=notice_of_acts(),
    )
    return make_response(page, problem.status if problem else 200)
