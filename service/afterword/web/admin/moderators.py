"""Moderators, for owners: who they are, what each may do, inviting and removing them."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import N_, _, entry
from afterword.identity import moderators
from afterword.identity.models import Moderator, Role
from afterword.moderation import team
from afterword.moderation.scope import Scope
from afterword.sites import directory
from afterword.web.admin import access, admin, confirm

ROLES = (
    (Role.MODERATOR, N_("Moderator"), N_("Sees and decides over the comments of the sites below.")),
    (
        Role.OWNER,
        N_("Owner"),
        N_("Everything: all sites and their choices, moderators, the whole log."),
    ),
)
SAID = {
    "mailed": N_("Invited. The mail with the link is on its way."),
    "assigned": N_("Kept. It counts from now on."),
    "removed": N_("Removed. They are logged out everywhere."),
}


@admin.get("/moderators")
def show_moderators() -> Response:
    return _show_all({}, chosen=[])


@admin.post("/moderators")
@confirm.by_password
def invite() -> AnyResponse | Response:
    typed = {name: request.form.get(name, "").strip() for name in ("email", "name", "role")}
    try:
        by = access.moderator()
        made = team.invite(typed["email"], name=typed["name"], sites=_scope(), by=by.email)
    except Problem as problem:
        return _show_all(typed, chosen=request.form.getlist("sites"), problem=problem)
    return _hand_over(made)


@admin.get("/moderators/<int:moderator_id>")
def show_moderator(moderator_id: int) -> Response:
    return _show(_find(moderator_id))


@admin.post("/moderators/<int:moderator_id>")
@confirm.by_password
def assign(moderator_id: int) -> AnyResponse | Response:
    held = _find(moderator_id)
    try:
        team.assign(held, _scope(), by=access.moderator().email)
    except Problem as problem:
        return _show(held, problem=problem)
    # Who is no owner any more sees this page no more.
    place = "admin.show_moderators" if access.moderator().is_owner else "admin.show_account"
    return redirect(url_for(place, done="assigned"), 303)


@admin.post("/moderators/<int:moderator_id>/link")
@confirm.by_password
def renew_link(moderator_id: int) -> AnyResponse | Response:
    held = _find(moderator_id)
    if not held.is_invited:
        raise BadRequest(_("They have come in already."))
    return _hand_over(held)


@admin.post("/moderators/<int:moderator_id>/remove")
@confirm.by_password
def remove_moderator(moderator_id: int) -> AnyResponse | Response:
    held = _find(moderator_id)
    try:
        team.remove(held, by=access.moderator().email)
    except Problem as problem:
        return _show(held, problem=problem)
    return redirect(url_for("admin.show_moderators", done="removed"), 303)


def _scope() -> Scope:
    """The sites that were ticked, or all for an owner. Raises BadRequest."""
    role = request.form.get("role", "")
    if role not in set(Role):
        raise BadRequest(_("Say what they may do."), field="role")
    known = {str(site.id): site.id for site in directory.every()}
    ticked = frozenset(known[one] for one in request.form.getlist("sites") if one in known)
    if role == Role.OWNER:
        return None
    if not ticked:
        raise BadRequest(_("Tick at least one site."), field="sites")
    return ticked


def _find(moderator_id: int) -> Moderator:
    for moderator in moderators.every():
        if moderator.id == moderator_id:
            return moderator
    raise NotFound(_("There is no such moderator."))


def _hand_over(invited: Moderator) -> AnyResponse | Response:
    """Mail the link by which they come in; where there is no mail, show it this once."""
    if config.current().smtp_url is not None:
        team.mail_link(invited, by=access.moderator().name)
        return redirect(url_for("admin.show_moderators", done="mailed"), 303)
    link = f"{config.public_url()}/admin/password#{team.make_link(invited)}"
    return _show_all({}, chosen=[], link=link, invited=invited)


def _show_all(
    typed: dict[str, str],
    *,
    chosen: list[str],
    link: str | None = None,
    invited: Moderator | None = None,
    problem: Problem | None = None,
) -> Response:
    page = render_template(
        "admin/moderators.html",
        moderators=moderators.every(),
        named_sites=team.named_sites,
        roles=ROLES,
        sites=directory.every(),
        typed=typed,
        chosen=set(chosen),
        link=link,
        invited=invited,
        days=team.LINK_LIFE.days,
        can_mail=config.current().smtp_url is not None,
        problem=problem,
        said=entry(SAID, request.args.get("done", "")),
    )
    return make_response(page, problem.status if problem else 200)


def _show(held: Moderator, *, problem: Problem | None = None) -> Response:
    is_typed = problem is not None and "role" in request.form
    page = render_template(
        "admin/moderator.html",
        held=held,
        roles=ROLES,
        role=request.form["role"] if is_typed else held.role.value,
        sites=directory.every(),
        chosen=set(request.form.getlist("sites"))
        if is_typed
        else {str(post.site_id) for post in held.posts},
        problem=problem,
    )
    return make_response(page, problem.status if problem else 200)
