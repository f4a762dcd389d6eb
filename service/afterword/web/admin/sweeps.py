"""Decisions over all comments that match: asked for once more, watched, stopped, taken back."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock
from afterword.core.errors import BadRequest, NotFound
from afterword.core.i18n import _
from afterword.moderation import permissions, sweeps
from afterword.moderation.models import Sweep
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.queue import ACTS, DONE, REPORTED_ACTS
from afterword.web.admin.view import View, asked, made_at


@admin.get("/sweeps/new")
def show_new_sweep() -> str:
    view = asked()
    return render_template(
        "admin/new-sweep.html",
        view=view,
        acts=_acts(view),
        many=sweeps.count(view.wanted),
        most=sweeps.MOST,
        until=clock.text(clock.now()),
    )


def _removes() -> bool:
    return request.form.get("act") == "remove"


@admin.post("/sweeps")
@lambda view: confirm.by_password(view, when=_removes)
def start_sweep() -> AnyResponse:
    view, verb = asked(), request.form.get("act", "")
    if verb not in _acts(view):
        raise BadRequest(_("That cannot be done with these comments."))
    sweep = sweeps.start(verb, view.wanted, by=access.moderator().email, until=made_at())
    return _to(sweep)


@admin.get("/sweeps/<sweep_id>")
def show_sweep(sweep_id: str) -> str:
    return render_template("admin/sweep.html", sweep=_find(sweep_id), done=DONE)


@admin.post("/sweeps/<sweep_id>/stop")
def stop_sweep(sweep_id: str) -> AnyResponse:
    return _to(sweeps.stop(_find(sweep_id).id))


@admin.post("/sweeps/<sweep_id>/undo")
def undo_sweep(sweep_id: str) -> AnyResponse:
    return _to(sweeps.undo(_find(sweep_id).id))


def _acts(view: View) -> tuple[str, ...]:
    return REPORTED_ACTS if view.is_reported else ACTS[view.state]


def _find(sweep_id: str) -> Sweep:
    """A sweep that is this moderator's to look at: their own, as long as its sites are theirs."""
    sweep = sweeps.find(sweep_id)
    moderator = access.moderator()
    if sweep is not None and (moderator.is_owner or _is_own(sweep)):
        return sweep
    raise NotFound(_("There is no such decision, or it was too long ago."))


def _is_own(sweep: Sweep) -> bool:
    moderator = access.moderator()
    if sweep.by != moderator.email or sweep.sites is None:
        return False
    return all(permissions.may_moderate(moderator, site_id) for site_id in sweep.sites)


def _to(sweep: Sweep) -> AnyResponse:
    return redirect(url_for("admin.show_sweep", sweep_id=sweep.id), 303)
