"""Logging in and out."""

from __future__ import annotations

import datetime as dt
from typing import Final

from flask import Response, g, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import signing
from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import _
from afterword.identity import lockout, moderators, passkeys, sessions, totp
from afterword.identity.models import Moderator
from afterword.web import address, errors
from afterword.web.admin import access, admin, agent, device

PROOF_LIFE: Final = dt.timedelta(minutes=10)
_PURPOSE: Final = "second-step"


@admin.get("/login")
def show_log_in() -> AnyResponse | Response:
    if g.moderator is not None:
        return redirect(access.own_path(request.args.get("next")), 303)
    if not moderators.exist():
        return redirect(url_for("admin.show_set_up"), 303)
    return show(email="")


@admin.post("/login")
def log_in() -> AnyResponse | Response:
    email = request.form.get("email", "")
    try:
        moderator = _recognise(email, request.form.get("password", ""))
    except Problem as problem:
        return show(email=email, problem=problem)
    if moderator.has_second_step:
        return _ask_for_code(_proof(moderator))
    return let_in(moderator, access.own_path(request.form.get("next")))


@admin.post("/login/code")
def answer_code() -> AnyResponse | Response:
    """The second step. ``proof`` says that the first was done, by whom and when."""
    proof = request.form.get("proof", "")
    moderator = _proved(proof)
    if moderator is None:
        too_late = BadRequest(_("That took too long. Please begin again."))
        return show(email="", problem=too_late)
    try:
        guess = device.count(moderator.email, at="code")
        totp.use(moderator, request.form.get("code", ""))
    except Problem as problem:
        return _ask_for_code(proof, problem=problem)
    lockout.forget(guess)
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


def show(*, email: str, problem: Problem | None = None) -> Response:
    """The log-in, with what was wrong about a try."""
    page = render_template(
        "admin/log-in.html",
        email=email,
        next=request.values.get("next", ""),
        problem=problem.detail if problem else None,
        kept=None,
        has_passkeys=passkeys.party() is not None,
    )
    return _answer(page, problem)


def _recognise(email: str, password: str) -> Moderator:
    guess = device.count(email)
    moderator = sessions.recognise(email, password)
    lockout.forget(guess)
    return moderator


def _proof(moderator: Moderator) -> str:
    """Carried by the form of the second step. A password that is changed meanwhile voids it."""
    said = [moderator.id, signing.digest(moderator.password_hash)]
    return str(signing.tokens(_PURPOSE).dumps(said))


def _proved(proof: str) -> Moderator | None:
    try:
        moderator_id, password = signing.tokens(_PURPOSE).loads(
            proof, max_age=int(PROOF_LIFE.total_seconds())
        )
    except (BadSignature, TypeError, ValueError):
        return None
    moderator = moderators.by_id(moderator_id)
    is_same = moderator is not None and signing.digest(moderator.password_hash) == password
    return moderator if is_same else None


def _ask_for_code(proof: str, *, problem: Problem | None = None) -> Response:
    page = render_template(
        "admin/code.html", proof=proof, next=request.form.get("next", ""), problem=problem
    )
    return _answer(page, problem)


def _answer(page: str, problem: Problem | None) -> Response:
    return errors.marked(make_response(page), problem)
