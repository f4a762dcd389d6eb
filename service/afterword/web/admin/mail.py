"""Deciding from the mail about a comment: a link shows what it would do, its button does it.

Programs that look for viruses open every link in a mail; so opening one changes nothing.
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from afterword.core.errors import BadRequest, Conflict, Problem
from afterword.moderation import notices
from afterword.web.admin import admin


@admin.get("/mail/<token>")
def show_mail_link(token: str) -> Response | str:
    try:
        asked = notices.find(token)
    except (BadRequest, Conflict) as problem:
        return _void(problem)
    return render_template("admin/mail.html", asked=asked, comment=asked.comment, is_done=False)


@admin.post("/mail/<token>")
def use_mail_link(token: str) -> Response | str:
    try:
        asked = notices.use(token)
    except (BadRequest, Conflict) as problem:
        return _void(problem)
    return render_template("admin/mail.html", asked=asked, comment=asked.comment, is_done=True)


def _void(problem: Problem) -> Response:
    page = render_template("admin/mail-void.html", problem=problem, back=request.path)
    return make_response(page, problem.status)
