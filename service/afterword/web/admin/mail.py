"""Deciding from the mail about a comment: a link shows what it would do, its button does it.

Programs that look for viruses open every link in a mail; so opening one changes nothing.
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from afterword.core.errors import BadRequest, Conflict, Problem
from afterword.moderation import audit, notices
from afterword.moderation.notices import Asked
from afterword.web.admin import admin
from afterword.web.admin.queue import spelled


@admin.get("/mail/<token>")
def show_mail_link(token: str) -> Response | str:
    try:
        asked = notices.find(token)
    except (BadRequest, Conflict) as problem:
        return _void(problem)
    return _show(asked)


@admin.post("/mail/<token>")
def use_mail_link(token: str) -> Response | str:
    try:
        asked = notices.use(token)
    except (BadRequest, Conflict) as problem:
        return _void(problem)
    return _show(asked, acts=spelled(audit.last_moves([asked.comment])))


def _show(asked: Asked, *, acts: str | None = None) -> str:
    """What the link would do; with the ``acts`` that it has done, that it is done."""
    return render_template("admin/mail.html", asked=asked, comment=asked.comment, acts=acts)


def _void(problem: Problem) -> Response:
    page = render_template("admin/mail-void.html", problem=problem, back=request.path)
    return make_response(page, problem.status)
