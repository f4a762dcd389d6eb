"""Coming in for the first time: the first moderator, and passwords chosen by a one-time link.

The one-time token stands in the link's fragment, which no browser sends and no log keeps; a script
of ours puts it into the form, and without the script it is typed.
"""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import limits
from afterword.core.errors import Conflict, Problem
from afterword.identity import moderators
from afterword.moderation import account
from afterword.sites import directory
from afterword.web import errors
from afterword.web.admin import admin
from afterword.web.admin.session import let_in

TYPED = ("token", "email", "name")  # what comes back after a mistake: all but the password


@admin.get("/setup")
def show_set_up() -> AnyResponse | Response:
    if moderators.exist():
        return redirect(url_for("admin.show_log_in"), 303)
    return _show("admin/set-up.html", typed=dict.fromkeys(TYPED, ""))


@admin.post("/setup")
def set_up() -> AnyResponse | Response:
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    try:
        limits.log_in()
        moderator = moderators.set_up(
            typed["token"],
            email=typed["email"],
            password=request.form.get("password", ""),
            name=typed["name"],
        )
    except Conflict:
        return redirect(url_for("admin.show_log_in"), 303)
    except Problem as problem:
        return _show("admin/set-up.html", typed=typed, problem=problem)
    has_site = bool(directory.every())
    path = url_for("admin.show_queue" if has_site else "admin.show_first_site")
    return let_in(moderator, path)


@admin.get("/password")
def show_password() -> Response:
    return _show("admin/password.html", typed={"token": ""})


@admin.post("/password")
def choose_password() -> AnyResponse | Response:
    token = request.form.get("token", "").strip()
    try:
        moderator = account.choose_password(token, request.form.get("password", ""))
    except Problem as problem:
        return _show("admin/password.html", typed={"token": token}, problem=problem)
    return let_in(moderator, url_for("admin.show_queue"))


def _show(template: str, *, typed: dict[str, str], problem: Problem | None = None) -> Response:
    has_site = bool(directory.every())
    page = render_template(template, typed=typed, problem=problem, has_site=has_site)
    return errors.marked(make_response(page), problem)
