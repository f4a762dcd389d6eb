"""All that is kept of one author: handed out, or erased. Asks for the password once more."""

from __future__ import annotations

import json

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import audit
from afterword.operate import person
from afterword.operate.person import Person
from afterword.threads.models import Comment
from afterword.web.admin import access, admin, confirm


@admin.get("/comments/<comment_id>/person")
def show_person(comment_id: str) -> Response:
    return _show(_find(comment_id))


@admin.post("/comments/<comment_id>/person")
@confirm.by_password
def use_person(comment_id: str) -> AnyResponse | Response:
    """Hand out (``act`` is ``all``) or erase (``erase``) what goes by what is ticked (``by``).

    The password is not asked for twice within minutes, so who erases says that it is meant.
    """
    comment, is_to_go = _find(comment_id), request.form.get("act") == "erase"
    try:
        meant = _meant(comment)
        if is_to_go and "sure" not in request.form:
            raise BadRequest(_("Nothing was erased: tick below that it is to go."), field="sure")
    except Problem as problem:
        return _show(comment, problem=problem)
    if is_to_go:
        person.erase(meant, by=access.moderator().email)
        return redirect(url_for("admin.show_log", verb="erase"), 303)
    audit.record("export", by=access.moderator().email, about=None, comment=comment)
    body = json.dumps(person.written(meant), indent=2, ensure_ascii=False)
    answer = Response(body, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="person.json"'
    return answer


def _meant(comment: Comment) -> Person:
    by = request.form.getlist("by")
    known = _known(comment)
    if not by or not set(by) <= known.keys():
        raise BadRequest(_("Tick by what it is to go."), field="by")
    return person.together(known[one] for one in by)


def _known(comment: Comment) -> dict[str, Person]:
    """By what an author is known: the browser, the address that was typed."""
    known = {}
    if comment.email:
        known["email"] = person.find(comment.email)
    if comment.author_id:
        known["browser"] = person.of_author(comment.author_id)
    return known


def _show(comment: Comment, *, problem: Problem | None = None) -> Response:
    known = _known(comment)
    page = render_template(
        "admin/person.html",
        comment=comment,
        counts={by: len(person.comments(one)) for by, one in known.items()},
        ticked=request.form.getlist("by") or list(known),
        problem=problem,
    )
    return make_response(page, problem.status if problem else 200)


def _find(comment_id: str) -> Comment:
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None:
        raise NotFound(_("There is no such comment."))
    return comment
