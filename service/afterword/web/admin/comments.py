"""Acts on comments: one or many, their text, an answer as the owner."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import signing, urls
from afterword.core.batches import batched
from afterword.core.errors import BadRequest, Conflict, NotFound, Problem
from afterword.core.i18n import _
from afterword.markup import plain
from afterword.markup.render import render
from afterword.moderation import actions, audit, clusters, pins, sweeps
from afterword.moderation import undo as undo_acts
from afterword.moderation.actions import Seen
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.threads import pages
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Page, State
from afterword.web.admin import access, admin, confirm
from afterword.web.admin.queue import named_acts, spelled
from afterword.web.admin.view import View, asked, made_at

MOVES = {
    "approve": actions.approve,
    "spam": actions.spam,
    "remove": actions.remove,
    "restore": actions.restore,
}
MOST = 100
FEW = 10  # that are removed at once without a question
AT_ONCE = 200  # comments a transaction: others who write wait for no more


def _removes_many() -> bool:
    return _verb() == "remove" and len(_named(asked())) > FEW


@admin.post("/comments")
@lambda view: confirm.by_password(view, when=_removes_many)
def decide() -> AnyResponse:
    """Move the ticked comments (``act`` and ``ids``), one (``only``), or all like it (``all``)."""
    view, verb = asked(), _verb()
    named = _named(view)
    if not named or not verb:
        return redirect(view.address(done="none"), 303)
    move = MOVES.get(verb)
    if move is None:
        raise BadRequest(_("That cannot be done with these comments."))
    by, known = access.moderator().email, access.find_comments(named)
    if len(known) > AT_ONCE:  # all like one
        sweep = sweeps.over(known, verb, by=by, seen=_seen(view))
        return redirect(url_for("admin.show_sweep", sweep_id=sweep.id), 303)
    moved = move([one.id for one in known], by=by, seen=_seen(view))
    return _back(view, moved, left=len(set(named)) - len(moved))


def _seen(view: View) -> Seen:
    """How the comments were that were shown: who edits one meanwhile gets it approved by nobody."""
    pairs = (word.partition(" ") for word in request.form.getlist("seen"))
    texts = {comment_id: digest for comment_id, _space, digest in pairs}
    return Seen(state=view.state, is_reported=view.is_reported, texts=texts, at=made_at())


def _verb() -> str:
    """What is to be done."""
    said = (request.form.get(name, "").partition(" ") for name in ("all", "only"))
    return next((verb for verb, _space, one in said if one), request.form.get("act", ""))


def _named(view: View) -> list[str]:
    """The ids of the comments that it is to be done with."""
    if lead := request.form.get("all", "").partition(" ")[2]:
        is_theirs = access.find_comment(lead) is not None
        return clusters.members(lead, state=view.state, until=made_at()) if is_theirs else []
    if only := request.form.get("only", "").partition(" ")[2]:
        return [only]
    ticked = request.form.getlist("ids")
    if len(ticked) > MOST:
        raise BadRequest(_("That cannot be done with these comments."))
    return ticked


@admin.post("/comments/undo")
def undo() -> AnyResponse:
    """Bring comments back to the state or the text that they had before these acts of mine."""
    email = access.moderator().email
    named = named_acts(request.form.get("acts", ""))
    acts = [act for act in named if undo_acts.may_be_taken_back(act, by=access.moderator())]
    about_others = sum(act.subject is not None for act in named)
    moved: list[Comment] = []
    others = 0
    for some in batched(acts, AT_ONCE):
        comments, many = undo_acts.take_back(some, by=email)
        moved, others = moved + comments, others + many
    said = {
        "acts": spelled(audit.last_acts(moved)),
        "left": len(named) - about_others - len(moved) or None,
        "done": "stays" if others < about_others else "undone" if others and not moved else None,
    }
    if request.form.get("back"):  # from where somebody is looked at, and not the queue
        return redirect(access.way_back(request.form["back"], **said), 303)
    return redirect(asked().address(**said), 303)


@admin.get("/comments/<comment_id>/edit")
def show_edit(comment_id: str) -> Response:
    comment = _find(comment_id)
    return _show("edit", comment, text=comment.text)


@admin.post("/comments/<comment_id>/edit")
def edit(comment_id: str) -> AnyResponse | Response:
    comment, text = _find(comment_id), request.form.get("text", "")
    by, seen = access.moderator().email, request.form.get("seen", "")
    try:
        edited = actions.edit(comment.id, text, by=by, limit=longest(comment), seen=seen)
    except Problem as problem:
        return _show("edit", comment, text=text, problem=problem)
    acts = spelled(audit.last_acts([edited]))
    return redirect(asked().address(acts=acts, _anchor=f"comment-{comment.id}"), 303)


@admin.get("/comments/<comment_id>/reply")
def show_reply(comment_id: str) -> Response:
    return _show("reply", _find(comment_id), text="")


@admin.post("/comments/<comment_id>/reply")
def reply(comment_id: str) -> AnyResponse | Response:
    comment, text = _find(comment_id), request.form.get("text", "")
    try:
        _answer(comment, text, seen=request.form.get("seen", ""))
    except Problem as problem:
        return _show("reply", comment, text=text, problem=problem)
    return redirect(asked().address(done="replied"), 303)


@admin.post("/comments/<comment_id>/pin")
def pin(comment_id: str) -> AnyResponse:
    """Put a comment first on its page (``pin``), or back to its place (anything else)."""
    comment, is_pinned = _find(comment_id), request.form.get("act") == "pin"
    pins.set_pinned(comment.id, is_pinned=is_pinned, by=access.moderator().email)
    done = "pinned" if is_pinned else "unpinned"
    return redirect(asked().address(done=done, _anchor=f"comment-{comment.id}"), 303)


def longest(comment: Comment) -> int:
    """How long an edited comment may be: one from before the limit may keep its length."""
    return max(directory.by_id(comment.site_id).options.max_length, len(comment.text))


def _answer(comment: Comment, text: str, *, seen: str) -> None:
    moderator = access.moderator()
    page = comment.page
    page_id = urls.own_id(page.key)
    # All three refuse before anything is approved.
    actions.check_seen(comment, seen)
    _check_address(page, page_id)
    render(text, limit=directory.by_id(comment.site_id).options.max_length)
    if comment.state is State.PENDING:
        read = Seen(state=State.PENDING, texts={comment.id: seen})
        actions.approve([comment.id], by=moderator.email, seen=read)
        actions.check_seen(comment, seen)
    draft = Draft(
        url=page.url,
        page=page_id,
        text=plain.clean(text),
        parent=comment.id,
        name=moderator.name,
        email=moderator.email,
        is_moderator=True,
    )
    submit(draft, key=request.form.get("key") or None)


def _check_address(page: Page, page_id: str | None) -> None:
    """Raises UnknownSite or Conflict where the page's address leads to its thread no longer."""
    site = directory.of_url(page.url)
    found = pages.find(site.id, site.page_key(page.url, page_id))
    if found is None or found.id != page.id:
        raise Conflict(
            _(
                "This page's address leads to another thread now, so nobody would see the answer. "
                "Its site's addresses or its query parameters were changed."
            )
        )


def _back(view: View, moved: list[Comment], *, left: int) -> AnyResponse:
    """To the same view, which reads from the log what was done."""
    acts = spelled(audit.last_acts(moved))
    return redirect(view.address(acts=acts, left=left or None), 303)


def _find(comment_id: str) -> Comment:
    comment = access.find_comment(comment_id)
    if comment is None:
        raise NotFound(_("There is no such comment."))
    return comment


def _show(verb: str, comment: Comment, *, text: str, problem: Problem | None = None) -> Response:
    view = asked()
    page = render_template(
        f"admin/{verb}.html",
        comment=comment,
        text=text,
        problem=problem,
        view=view,
        back=url_for(f"admin.show_{verb}", comment_id=comment.id, **view.fields()),
        key=request.form.get("key") or signing.new_secret(),
        seen=actions.as_seen(comment),
    )
    return make_response(page, problem.status if problem else 200)
