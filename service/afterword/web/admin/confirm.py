"""The password once more, before what a screen that was left open should not let anyone do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import limits
from afterword.core.errors import BadRequest, Problem
from afterword.identity import lockout, passwords, sessions
from afterword.web.admin import access, admin, device

FIELD = "again"  # of the form that asks

Answer = TypeVar("Answer")


def by_password(
    view: Callable[..., Answer], *, when: Callable[[], bool] = lambda: True
) -> Callable[..., Answer | Response]:
    """Let a view be reached only by who said their password a short while ago.

    Who did not is asked: a form that was sent goes on from there as it was.
    """

    @wraps(view)
    def ask_first(**values: object) -> Answer | Response:
        if not when() or sessions.is_fresh(access.session()):
            return view(**values)
        problem = None
        if request.method == "POST" and FIELD in request.form:
            problem = _check(request.form[FIELD])
            if problem is None:
                return view(**values)
        return _show(problem=problem)

    return ask_first


@admin.post("/confirm")
def confirm() -> AnyResponse | Response:
    """Go on to a page that was asked for, a file to keep say."""
    path = access.own_path(request.form.get("next"))
    problem = _check(request.form.get(FIELD, ""))
    return _show(next_path=path, problem=problem) if problem else redirect(path, 303)


def _check(password: str) -> Problem | None:
    """What is wrong with a password; where nothing is, the session is fresh again."""
    moderator = access.moderator()
    guess = device.guess(moderator.email)
    try:
        limits.log_in()
        lockout.count(guess)
        if not passwords.matches(moderator.password_hash, password):
            raise BadRequest("This is not your password.", field=FIELD)
    except Problem as problem:
        return problem
    lockout.forget(guess)
    sessions.prove(access.session())
    return None


def _show(*, next_path: str | None = None, problem: Problem | None = None) -> Response:
    is_form = request.method == "POST" and next_path is None
    kept = [
        (name, text)
        for name, texts in request.form.lists()
        for text in texts
        if is_form and name not in {FIELD, "csrf"}
    ]
    if not is_form:
        kept = [("next", next_path or request.full_path.rstrip("?"))]
    page = render_template(
        "admin/confirm.html",
        action=request.full_path.rstrip("?") if is_form else url_for("admin.confirm"),
        kept=kept,
        problem=problem,
    )
    answer = make_response(page, problem.status if problem else 403)
    if problem is not None and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer
