"""Passkeys: added and removed at the account, and used to log in."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.errors import NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import account
from afterword.web.admin import access, admin, agent, ceremony, confirm, session


@admin.get("/account/passkeys/new")
@confirm.by_password
def show_new_passkey() -> Response:
    return _show(name=agent.in_words())


@admin.post("/account/passkeys/begin")
def begin_passkey() -> Response:
    return ceremony.ask_to_add(access.moderator(), session=access.session_token())


@admin.post("/account/passkeys")
@confirm.by_password
def add_passkey() -> AnyResponse | Response:
    name = request.form.get("name", "")
    try:
        made = ceremony.made(session=access.session_token())
        account.add_passkey(made, of=access.moderator(), name=name)
    except Problem as problem:
        return _show(name=name, problem=problem)
    return redirect(url_for("admin.show_account", done="passkey"), 303)


@admin.post("/account/passkeys/remove")
@confirm.by_password
def remove_passkey() -> AnyResponse:
    number = ids.number(request.form.get("passkey", ""))
    if number is None:
        raise NotFound(_("There is no such passkey."))
    account.remove_passkey(number, of=access.moderator())
    return redirect(url_for("admin.show_account", done="no-passkey"), 303)


@admin.post("/login/passkey/begin")
def begin_log_in() -> Response:
    return ceremony.ask_to_log_in()


@admin.post("/login/passkey")
def log_in_by_passkey() -> AnyResponse | Response:
    """It stands for the password and for the second step: the device asked who holds it."""
    try:
        moderator = ceremony.logged_in()
    except Problem as problem:
        return session.show(email=request.form.get("email", ""), problem=problem)
    return session.let_in(moderator, access.own_path(request.form.get("next")))


def _show(*, name: str, problem: Problem | None = None) -> Response:
    page = render_template("admin/new-passkey.html", name=name, problem=problem)
    return make_response(page, problem.status if problem else 200)
