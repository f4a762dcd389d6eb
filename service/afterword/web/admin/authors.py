"""One author: what they wrote, what becomes of what they write next, and whether they may."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core.errors import BadRequest, NotFound
from afterword.identity.models import Standing
from afterword.moderation import actions, authors, bans, permissions
from afterword.moderation.bans import Terms
from afterword.moderation.models import BanKind
from afterword.threads.models import Comment
from afterword.web.admin import access, admin
from afterword.web.admin.view import asked

STANDINGS = (
    (Standing.NORMAL, "As the site's policy says", "The policy and the checks decide."),
    (Standing.HELD, "Always wait for you", "Whatever the policy says."),
    (Standing.TRUSTED, "Always appear at once",
     "Whatever the policy and the checks say, unless a word that you refuse is in them."),
)  # fmt: skip
# What a ban goes by, and whether it is chosen unless the moderator says otherwise. A typed address
# may be someone else's, and a network has other people in it.
WAYS = {
    BanKind.AUTHOR: ("This browser", "Its owner can start afresh by clearing it.", True),
    BanKind.EMAIL: ("", "As typed: it may be someone else's.", True),
    BanKind.NETWORK: (
        "The network it came from",
        "Some hundred neighbours share it. Ends after 30 days at the latest.",
        False,
    ),
}
DAYS = {"30": 30, "good": None}


@admin.get("/comments/<comment_id>/author")
def show_author(comment_id: str) -> Response:
    return _show(_find(comment_id))


@admin.post("/comments/<comment_id>/standing")
def choose_standing(comment_id: str) -> AnyResponse:
    comment, standing = _find(comment_id), request.form.get("standing", "")
    if standing not in set(Standing):
        raise BadRequest("That cannot be decided.")
    authors.set_standing(comment.id, Standing(standing), by=access.moderator().email)
    return _back(comment, "standing")


@admin.post("/comments/<comment_id>/ban")
def ban_author(comment_id: str) -> AnyResponse | Response:
    comment, by = _find(comment_id), access.moderator().email
    chosen = [kind for kind in WAYS if kind.value in request.form.getlist("kinds")]
    days = request.form.get("days", "")
    if not chosen or days not in DAYS:
        return _show(comment, wrong="Nothing was done: tick by what to ban.")
    bans.add_author(comment.id, chosen, Terms(by=by, days=DAYS[days]))
    if "spam" in request.form:
        actions.spam(authors.open_comments(comment), by=by)
    return _back(comment, "banned")


def _back(comment: Comment, done: str) -> AnyResponse:
    place = url_for("admin.show_author", comment_id=comment.id, done=done, **asked().fields())
    return redirect(place, 303)


def _find(comment_id: str) -> Comment:
    comment = access.find_comment(comment_id)
    if comment is None or comment.is_moderator:
        raise NotFound("There is no such author.")
    return comment


def _show(comment: Comment, *, wrong: str | None = None) -> Response:
    portrait = authors.portrait(comment)
    page = render_template(
        "admin/author.html",
        portrait=portrait,
        comment=comment,
        view=asked(),
        standings=STANDINGS,
        ways={kind: said for kind, said in WAYS.items() if kind in portrait.free},
        describe=bans.describe,
        may_lift=lambda ban: permissions.may_decide(access.moderator(), ban),
        open_count=len(authors.open_comments(comment)),
        done=request.args.get("done"),
        wrong=wrong,
    )
    return make_response(page, 400 if wrong else 200)
