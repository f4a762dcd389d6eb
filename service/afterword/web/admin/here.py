"""The small window that a blog page opens: one comment, decided over where it is read.

It is a page of ours, so the moderator's session never gets into the blog's scripts. The page that
opened it is told that something changed, and nothing else: see ``static/admin/here.js``.
"""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import N_, _
from afterword.moderation import actions, audit, pins, queue
from afterword.moderation.actions import Seen
from afterword.sites import directory
from afterword.threads.models import Comment, State
from afterword.web.admin import access, admin
from afterword.web.admin.comments import MOVES, longest
from afterword.web.admin.queue import ACTS, named_acts, notice_of_acts, spelled
from afterword.web.admin.view import made_at

SAID = {
    "pinned": N_("The comment stands first on its page."),
    "unpinned": N_("The comment stands in its place again."),
    "late": N_("Somebody else had decided over it in the meantime. This is how it is now."),
}
_WINDOWS: Final = frozenset({"admin.show_here", "admin.act_here"})


@admin.get("/comments/<comment_id>/here")
def show_here(comment_id: str) -> Response:
    return _show(_find(comment_id))


@admin.post("/comments/<comment_id>/here")
def act_here(comment_id: str) -> AnyResponse | Response:
    """Do what ``act`` says; ``seen`` and ``state`` are how the comment was at ``until``, when it
    was shown."""
    comment, act = _find(comment_id), request.form.get("act", "")
    by = access.moderator().email
    try:
        if act in MOVES:
            return _move(comment, act, by=by)
        if act in {"pin", "unpin"}:
            pins.set_pinned(comment.id, is_pinned=act == "pin", by=by)
            return _to(comment, done=f"{act}ned")
        if act == "edit":
            return _edit(comment, by=by)
        if act == "undo":
            return _undo(comment, by=by)
    except Problem as problem:
        return _show(comment, problem=problem, text=request.form.get("text"))
    raise BadRequest(_("That cannot be done with these comments."))


@admin.after_request
def stay_linked(response: Response) -> Response:
    """Let the window know who opened it, and no other page of the desk."""
    if request.endpoint in _WINDOWS:
        response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _move(comment: Comment, act: str, *, by: str) -> AnyResponse:
    state = request.form.get("state", "")
    was = State(state) if state in set(State) else comment.state
    texts = {}
    if "seen" in request.form:
        texts = {comment.id: request.form["seen"]}
        actions.check_seen(comment, request.form["seen"])
    seen = Seen(state=was, texts=texts, at=made_at())
    moved = MOVES[act]([comment.id], by=by, seen=seen)
    if not moved:
        return _to(comment, done="late")
    return _to(comment, acts=spelled(audit.last_moves(moved)))


def _edit(comment: Comment, *, by: str) -> AnyResponse:
    text, seen = request.form.get("text", ""), request.form.get("seen", "")
    edited = actions.edit(comment.id, text, by=by, limit=longest(comment), seen=seen)
    return _to(comment, acts=spelled(audit.last_edits([edited])))


def _undo(comment: Comment, *, by: str) -> AnyResponse:
    own = [act for act in named_acts(request.form.get("acts", "")) if act.comment_id == comment.id]
    undone = actions.undo(own, by=by)
    return _to(comment, acts=spelled(audit.last_acts(undone)), done="late")


def _to(comment: Comment, *, acts: str | None = None, done: str | None = None) -> AnyResponse:
    place = url_for("admin.show_here", comment_id=comment.id, acts=acts, done=done, changed=1)
    return redirect(place, 303)


def _find(comment_id: str) -> Comment:
    comment = access.find_comment(comment_id)
    if comment is None:
        raise NotFound(_("There is no such comment."))
    return comment


def _show(comment: Comment, *, problem: Problem | None = None, text: str | None = None) -> Response:
    acts, until = ACTS[comment.state], clock.text(clock.now())
    done = request.args.get("done", "")
    page = render_template(
        "admin/here.html",
        comment=comment,
        acts=acts,
        may_pin=pins.may_stand_first(comment),
        text=comment.text if text is None else text,
        seen=actions.as_seen(comment),
        until=until,
        notice=notice_of_acts(),
        said=_(SAID[done]) if done in SAID and not request.args.get("acts") else None,
        after=queue.just_before(comment),
        origins=_origins(comment) if "changed" in request.args else [],
        problem=problem,
    )
    return make_response(page, problem.status if problem else 200)


def _origins(comment: Comment) -> list[str]:
    """Who may hear of it: the site's own pages, by http and by https, as they may write too."""
    hosts = [origin.partition("://")[2] for origin in directory.by_id(comment.site_id).origins]
    return [f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")]
