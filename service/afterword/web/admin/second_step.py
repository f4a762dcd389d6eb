"""Setting the second step up, and ending it."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config
from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import _
from afterword.identity import totp
from afterword.moderation import account
from afterword.web.admin import access, admin, confirm


@admin.get("/account/second-step")
@confirm.by_password
def show_second_step() -> AnyResponse | Response:
    if access.moderator().has_second_step:
        return redirect(url_for("admin.show_account"), 303)
    return _show(totp.new_secret())


@admin.post("/account/second-step")
@confirm.by_password
def turn_on_second_step() -> AnyResponse | Response:
    if access.moderator().has_second_step:
        return redirect(url_for("admin.show_account"), 303)
    # The app's owner may choose it: it guards nothing but their own account.
    secret = request.form.get("secret", "")
    if not totp.is_secret(secret):
        raise BadRequest(_("This form is not whole. Please begin again."))
    try:
        codes = account.turn_on_second_step(
            access.moderator(), secret, code=request.form.get("code", "")
        )
    except Problem as problem:
        return _show(secret, problem=problem)
    return _show_codes(codes)


@admin.post("/account/second-step/codes")
@confirm.by_password
def renew_codes() -> AnyResponse | Response:
    if not access.moderator().has_second_step:
        raise BadRequest(_("There is no second step that the codes could stand for."))
    return _show_codes(account.renew_codes(access.moderator()))


@admin.post("/account/second-step/end")
@confirm.by_password
def turn_off_second_step() -> AnyResponse:
    account.turn_off_second_step(access.moderator())
    return redirect(url_for("admin.show_account", done="one-step"), 303)


def _show(secret: str, *, problem: Problem | None = None) -> Response:
    host = urlsplit(config.public_url()).hostname
    uri = totp.uri(secret, email=access.moderator().email, issuer=f"Afterword {host}")
    # Drawn here: whoever drew it elsewhere would know the secret.
    drawn = segno.make(uri, error="l", micro=False)
    page = render_template(
        "admin/second-step.html",
        secret=secret,
        spaced=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        uri=uri,
        picture=drawn.svg_inline(omitsize=True, border=3, light="#fff"),
        problem=problem,
    )
    return make_response(page, problem.status if problem else 200)


def _show_codes(codes: list[str]) -> Response:
    return make_response(render_template("admin/recovery-codes.html", codes=codes))
