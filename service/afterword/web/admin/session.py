"""Logging in and out."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import limits
from afterword.core.errors import Problem
from afterword.identity import lockout, moderators, sessions
from afterword.identity.models import Moderator
from afterword.web import address
from afterword.web.admin import access, admin, agent, device


@admin.get("/login")
def show_log_in() -> AnyResponse | Response:
    if g.moderator is not None:
        return redirect(access.own_path(request.args.get("next")), 303)
    if not moderators.exist():
        return redirect(url_for("admin.show_set_up"), 303)
    return _show(email="")


@admin.post("/login")
def log_in() -> AnyResponse | Response:
    email = request.form.get("email", "")
    try:
        moderator = _recognise(email, request.form.get("password", ""))
    except Problem as problem:
        return _show(email=email, problem=problem)
    return let_in(moderator, access.own_path(request.form.get("next")))


@admin.post("/logout")
def log_out() -> AnyResponse:
    sessions.end(access.session_token())
    answer = redirect(url_for("admin.show_log_in"), 303)
    answer.delete_cookie(
        access.cookie_name(), path="/", secure=address.is_https(), httponly=True, samesite="Lax"
    )
    return answer


def let_in(moderator: Moderator, path: str) -> AnyResponse:
    """Give the browser a new session of theirs and go on. The one that it came with ends."""
    earlier = access.session_token()
    if earlier:
        sessions.end(earlier)
    answer = redirect(path, 303)
    answer.set_cookie(
        access.cookie_name(),
        sessions.start(moderator, agent=agent.in_words()),
        max_age=int(sessions.LONGEST.total_seconds()),
        path="/",
        secure=address.is_https(),
        httponly=True,
        samesite="Lax",
    )
    device.remember(answer, moderator.email)
    return answer


def _recognise(email: str, password: str) -> Moderator:
    guess = device.guess(email)
    limits.log_in()
    lockout.count(guess)
    moderator = sessions.recognise(email, password)
    lockout.forget(guess)
    return moderator


def _show(*, email: str, problem: Problem | None = None) -> Response:
    answer = make_response(
        render_template(
            "admin/log-in.html",
            email=email,
            next=request.values.get("next", ""),
            problem=problem.detail if problem else None,
            kept=None,
        ),
        problem.status if problem else 200,
    )
    if problem is not None and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer
