"""One author: what they wrote, what becomes of what they write next, and whether they may."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import N_, _
from afterword.identity.models import Standing
from afterword.moderation import actions, audit, authors, bans, permissions, remarks
from afterword.moderation.bans import Terms
from afterword.moderation.models import Act, BanKind
from afterword.threads.models import Comment
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.queue import notice_of_acts, spelled
from afterword.web.admin.view import asked

STANDINGS = (
    (Standing.NORMAL, N_("As the site's policy says"), N_("The policy and the checks decide.")),
    (Standing.HELD, N_("Always wait for you"), N_("Whatever the policy says.")),
    (Standing.TRUSTED, N_("Always appear at once"),
     N_("Whatever the policy and the checks say, unless a word that you refuse is in them.")),
)  # fmt: skip
# What a ban goes by, and whether it is chosen unless the moderator says otherwise. A typed address
# may be someone else's, and a network has other people in it.
WAYS = {
    BanKind.AUTHOR: (N_("This browser"), N_("Its owner can start afresh by clearing it."), True),
    BanKind.EMAIL: ("", N_("As typed: it may be someone else's."), True),
    BanKind.DOMAIN: ("", N_("Everybody with an address there."), False),
    BanKind.NETWORK: (
        N_("The network it came from"),
        N_("Some hundred neighbours share it. Ends after 30 days at the latest."),
        False,
    ),
}
LENGTHS: dict[str, tuple[str, int | None]] = {  # in hours
    "hour": (N_("An hour"), 1),
    "day": (N_("A day"), 24),
    "week": (N_("A week"), 7 * 24),
    "month": (N_("30 days"), 30 * 24),
    "good": (N_("For good"), None),
}
ALL = {"spam": actions.spam, "remove": actions.remove}  # what is done with all of an author


@admin.get("/comments/<comment_id>/author")
def show_author(comment_id: str) -> Response:
    return _show(_find(comment_id))


@admin.post("/comments/<comment_id>/standing")
def choose_standing(comment_id: str) -> AnyResponse:
    comment, standing = _find(comment_id), request.form.get("standing", "")
    if standing not in set(Standing):
        raise BadRequest(_("That cannot be decided."))
    act = authors.set_standing(comment.id, Standing(standing), by=access.moderator().email)
    if act is None:
        return redirect(_address(comment, done="same"), 303)
    return _back(comment, [act])


@admin.post("/comments/<comment_id>/ban")
def ban_author(comment_id: str) -> AnyResponse | Response:
    comment, by = _find(comment_id), access.moderator().email
    chosen = [kind for kind in WAYS if kind.value in request.form.getlist("kinds")]
    length = request.form.get("length", "")
    if not chosen or length not in LENGTHS:
        return _show(comment, wrong=_("Nothing was done: tick by what to ban."))
    made = bans.add_author(comment.id, chosen, Terms(by=by, hours=LENGTHS[length][1]))
    acts = audit.newest_about(f"ban:{ban.id}" for ban in made)
    if "spam" in request.form:
        acts += _decide_all(comment, "spam")
    return _back(comment, acts)


def _removes_many() -> bool:
    return request.form.get("act") == "remove"


@admin.post("/comments/<comment_id>/all")
@partial(confirm.by_password, when=_removes_many)
def decide_all(comment_id: str) -> AnyResponse:
    """Mark all that an author has on the site as spam, or remove it, as ``act`` says."""
    comment, act = _find(comment_id), request.form.get("act", "")
    if act not in ALL:
        raise BadRequest(_("That cannot be done with these comments."))
    return _back(comment, _decide_all(comment, act))


@admin.post("/comments/<comment_id>/remarks")
def add_remark(comment_id: str) -> AnyResponse | Response:
    comment, text = _find(comment_id), request.form.get("remark", "")
    try:
        remarks.add(comment, text, by=access.moderator().email)
    except BadRequest as problem:
        return _show(comment, remark=text, problem=problem)
    return redirect(_address(comment, _anchor="remarks-title"), 303)


@admin.post("/comments/<comment_id>/remarks/drop")
def drop_remark(comment_id: str) -> AnyResponse:
    comment, number = _find(comment_id), ids.number(request.form.get("remark", ""))
    if number is None:
        raise NotFound(_("There is no such remark."))
    remarks.drop(comment, number, by=access.moderator().email)
    return redirect(_address(comment, _anchor="remarks-title"), 303)


def _decide_all(comment: Comment, verb: str) -> list[Act]:
    moved = ALL[verb](authors.open_comments(comment), by=access.moderator().email)
    return audit.last_moves(moved)


def _back(comment: Comment, acts: list[Act]) -> AnyResponse:
    return redirect(_address(comment, acts=spelled(sorted(acts, key=lambda act: act.id))), 303)


def _address(comment: Comment, **said: Any) -> str:
    return url_for("admin.show_author", comment_id=comment.id, **said, **asked().fields())


def _find(comment_id: str) -> Comment:
    comment = access.find_comment(comment_id)
    if comment is None or comment.is_moderator:
        raise NotFound(_("There is no such author."))
    return comment


def _show(
    comment: Comment,
    *,
    wrong: str | None = None,
    remark: str = "",
    problem: Problem | None = None,
) -> Response:
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
        most=authors.MOST,
        lengths=LENGTHS,
        notice=notice_of_acts(),
        back=_address(comment),
        wrong=wrong,
        remark=remark,
        problem=problem,
        longest=remarks.LONGEST,
    )
    return make_response(page, 400 if wrong or problem else 200)
