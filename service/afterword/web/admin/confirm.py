"""The password or a passkey again, before what a screen left open should let nobody else do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import _
from afterword.identity import lockout, passkeys, passwords, sessions
from afterword.identity.challenges import Purpose
from afterword.web import errors
from afterword.web.admin import access, admin, ceremony, device

FIELD = "again"  # of the form that asks
_ASKED = {"csrf", FIELD, *(field(Purpose.CONFIRM) for field in ceremony.FIELDS)}

Answer = TypeVar("Answer")


def by_password(
    view: Callable[..., Answer], *, when: Callable[[], bool] = lambda: True
) -> Callable[..., Answer | Response]:
    """Let a view be reached only by who said their password, or used a passkey, a short while ago.

    Who did not is asked: a form that was sent goes on from there as it was.
    """

    @wraps(view)
    def ask_first(**values: object) -> Answer | Response:
        if not when() or sessions.is_fresh(access.session()):
            return view(**values)
        problem = None
        if request.method == "POST" and (FIELD in request.form or _has_passkey()):
            problem = _check()
            if problem is None:
                return view(**values)
        return _show(problem=problem)

    return ask_first


@admin.post("/confirm")
def confirm() -> AnyResponse | Response:
    """Go on to a page that was asked for, a file to keep say."""
    path = access.own_path(request.form.get("next"))
    problem = _check()
    return _show(next_path=path, problem=problem) if problem else redirect(path, 303)


@admin.post("/confirm/passkey/begin")
def begin_confirm() -> Response:
    return ceremony.ask_to_confirm(access.moderator(), session=access.session_token())


def _has_passkey() -> bool:
    return bool(request.form.get(ceremony.credential_field(Purpose.CONFIRM)))


def _check() -> Problem | None:
    """What is wrong with a password or passkey; where nothing is, the session is fresh again."""
    try:
        if _has_passkey():
            ceremony.confirm(access.moderator(), session=access.session_token())
        else:
            _check_password(request.form.get(FIELD, ""))
    except Problem as problem:
        return problem
    sessions.prove(access.session())
    return None


def _check_password(password: str) -> None:
    moderator = access.moderator()
    guess = device.count(moderator.email)
    if not passwords.matches(moderator.password_hash, password):
        raise BadRequest(_("This is not your password."), field=FIELD)
    lockout.forget(guess)


def _show(*, next_path: str | None = None, problem: Problem | None = None) -> Response:
    is_form = request.method == "POST" and next_path is None
    kept = [
        (name, text)
        for name, texts in request.form.lists()
        for text in texts
        if is_form and name not in _ASKED
    ]
    if not is_form:
        kept = [("next", next_path or request.full_path.rstrip("?"))]
    page = render_template(
        "admin/confirm.html",
        action=request.full_path.rstrip("?") if is_form else url_for("admin.confirm"),
        kept=kept,
        has_passkeys=passkeys.party() is not None and bool(passkeys.of(access.moderator())),
        problem=problem,
    )
    return errors.marked(make_response(page, 403), problem)
