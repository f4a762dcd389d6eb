"""The configuration of a site as one file: taken out, looked through, brought in."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock
from afterword.core.errors import Problem
from afterword.moderation import audit, configuration
from afterword.moderation.configuration import Plan
from afterword.sites.directory import KnownSite
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.queue import notice_of_acts, spelled
from afterword.web.admin.sites import LABELS, find_site


@admin.get("/sites/<int:site_id>/configuration")
def show_configuration(site_id: int) -> Response:
    return _show(find_site(site_id), "")


@admin.get("/sites/<int:site_id>/configuration/file")
@confirm.by_password
def export_configuration(site_id: int) -> Response:
    site = find_site(site_id)
    audit.record("export", by=access.moderator().email, about="configuration", site_id=site.id)
    answer = Response(configuration.write(site), mimetype="application/json")
    name = f"{site.key.replace(':', '-')}-{clock.now():%Y-%m-%d}.afterword.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@admin.post("/sites/<int:site_id>/configuration")
def use_configuration(site_id: int) -> AnyResponse | Response:
    """Show what a file would change, or change it where ``act`` is ``bring``."""
    site, text = find_site(site_id), request.form.get("configuration", "")
    try:
        if request.form.get("act") != "bring":
            return _show(site, text, plan=configuration.look(site, text))
        acts = configuration.bring_in(site, text, by=access.moderator().email)
    except Problem as problem:
        return _show(site, text, problem=problem)
    place = url_for("admin.show_configuration", site_id=site.id, acts=spelled(acts), done=1)
    return redirect(place, 303)


def _show(
    site: KnownSite, text: str, *, plan: Plan | None = None, problem: Problem | None = None
) -> Response:
    page = render_template(
        "admin/configuration.html",
        site=site,
        text=text,
        plan=plan,
        labels=LABELS,
        problem=problem,
        notice=notice_of_acts(),
        is_done="done" in request.args,
        back=url_for("admin.show_configuration", site_id=site.id),
    )
    return make_response(page, problem.status if problem else 200)
