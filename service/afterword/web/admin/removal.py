"""A site that goes, for whoever typed its name and said their password."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core.i18n import _
from afterword.sites.directory import KnownSite
from afterword.transfer import removal
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.sites import find_site


@admin.get("/sites/<int:site_id>/remove")
def show_removal(site_id: int) -> Response:
    return _show(find_site(site_id))


@admin.post("/sites/<int:site_id>/remove")
@confirm.by_password
def remove_site(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    if request.form.get("key", "").strip() != site.key:
        return _show(site, wrong=_("This is not its name."))
    removal.start(site, by=access.moderator().email)
    return redirect(url_for("admin.show_sites", done="removed"), 303)


def _show(site: KnownSite, *, wrong: str | None = None) -> Response:
    page = render_template("admin/remove-site.html", site=site, wrong=wrong)
    return make_response(page, 400 if wrong else 200)
