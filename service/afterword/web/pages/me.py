"""``/me``: one's own comments, on any device, by a mailed link. Without cookies and JavaScript.

Who came by the link goes about by a key in the address, which is good for two hours: pages here are
kept by no cache, and tell no other site where somebody came from.
"""

from __future__ import annotations

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, limits
from afterword.core.db import db, transaction
from afterword.core.errors import BadEmail, BadOrigin, BadRequest, NotFound, Problem
from afterword.identity import confirmations
from afterword.markup import plain
from afterword.moderation import audit
from afterword.operate import person
from afterword.posting import confirm, target
from afterword.posting.context import Sender
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.posting.remove import Removed, remove, restore, taken_back
from afterword.sites import directory
from afterword.threads import subscriptions, view
from afterword.threads.models import Comment, Follows, Page, Subscription
from afterword.threads.view import Json
from afterword.web import address
from afterword.web.pages import pages

SAID = {
    "confirmed": "Thank you, this address is confirmed.",
    "edited": "The comment was changed.",
    "restored": "The comment is back.",
    "ended": "No more of these mails.",
}


@pages.get("/me")
def show_ask() -> str:
    return _ask()


@pages.post("/me")
def ask_for_link() -> AnyResponse | Response | str:
    typed = request.form.get("email", "")
    try:
        _check_form()
        email = plain.email(typed)
        if email is None:
            raise BadEmail("Please write your e-mail address.")
        limits.letter()
        confirm.ask(email)
    except Problem as problem:
        return _with_problem(_ask(typed=typed, problem=problem), problem)
    return redirect(url_for(".show_ask", sent=1), 303)


@pages.get("/me/link/<token>")
def show_link(token: str) -> Response | str:
    # Whatever fetches links in mails (scanners do) changes nothing by it: the button does.
    try:
        asked = confirmations.find(token)
    except BadRequest as problem:
        return _with_problem(_ask(problem=problem), problem)
    return render_template("me/link.html", asked=asked, token=token)


@pages.post("/me/link/<token>")
def use_link(token: str) -> AnyResponse | Response:
    _check_form()
    try:
        key = confirm.confirm(token)
    except BadRequest as problem:
        return _with_problem(_ask(problem=problem), problem)
    return redirect(url_for(".show_own", key=key, done="confirmed"), 303)


@pages.get("/me/unsubscribe/<token>")
def show_unsubscribe(token: str) -> str:
    found = subscriptions.find(token)
    return render_template("me/unsubscribe.html", about=_told(found), is_done=bool(found.ended))


@pages.post("/me/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    # Also by the mail program itself, from wherever it runs (RFC 8058): the token is all it brings.
    found = subscriptions.find(token)
    with transaction():
        subscriptions.end(found)
    return render_template("me/unsubscribe.html", about=_told(found), is_done=True)


@pages.post("/me/<key>/subscriptions/<subscription_id>")
def end_own(key: str, subscription_id: str) -> AnyResponse:
    _check_form()
    email = confirmations.owner(key)
    with transaction():
        for one in subscriptions.of_address(email):
            if one.id == subscription_id:
                subscriptions.end(one)
    return redirect(url_for(".show_own", key=key, done="ended"), 303)


@pages.get("/me/<key>")
def show_own(key: str) -> Response | str:
    try:
        email = confirmations.owner(key)
    except BadRequest as problem:
        return _with_problem(_ask(problem=problem), problem)
    found = confirm.comments(email)
    return render_template(
        "me/own.html",
        key=key,
        email=email,
        comments=[(comment, _own(comment)) for comment in found],
        followed=[(one.id, _told(one)) for one in subscriptions.of_address(email)],
        feed=confirmations.follower_key(email),
        is_cut=len(found) == confirm.SHOWN,
        said=SAID.get(request.args.get("done", "")),
        removed=_removed(email),
    )


@pages.get("/me/<key>/comments/<comment_id>")
def show_edit(key: str, comment_id: str) -> str:
    comment = _find(_reader(key), comment_id)
    return _edit_form(key, comment, text=comment.text)


@pages.post("/me/<key>/comments/<comment_id>")
def change_own(key: str, comment_id: str) -> AnyResponse | Response:
    _check_form()
    reader = _reader(key)
    limits.change()
    match request.form.get("act"):
        case "edit":
            return _edit(key, comment_id, reader)
        case "remove":
            removed = remove(comment_id, reader=reader)
            return redirect(url_for(".show_own", key=key, removed=removed.comment.id), 303)
        case "restore":
            restore(comment_id, reader=reader)
            return redirect(url_for(".show_own", key=key, done="restored"), 303)
    raise BadRequest("There is no such act.")


@pages.get("/me/<key>/all")
def download_own(key: str) -> Response:
    """All that is kept of somebody, as a file."""
    kept = person.written(person.find(confirmations.owner(key)))
    response = jsonify(kept)
    response.headers["Content-Disposition"] = 'attachment; filename="my-comments.json"'
    return response


@pages.get("/me/<key>/erase")
def show_erase(key: str) -> str:
    email = confirmations.owner(key)
    count = len(person.comments(person.find(email)))
    return render_template("me/erase.html", key=key, email=email, count=count)


@pages.post("/me/<key>/erase")
def erase_own(key: str) -> str:
    _check_form()
    email = confirmations.owner(key)
    limits.change()
    count = person.erase(person.find(email), by=audit.AUTHOR)
    return render_template("me/erased.html", count=count)


def _edit(key: str, comment_id: str, reader: Reader) -> AnyResponse | Response:
    comment, text = _find(reader, comment_id), request.form.get("text", "")
    try:
        edit(comment_id, text, reader=reader)
    except Problem as problem:
        return _with_problem(_edit_form(key, comment, text=text, problem=problem), problem)
    return redirect(url_for(".show_own", key=key, done="edited"), 303)


def _edit_form(key: str, comment: Comment, *, text: str, problem: Problem | None = None) -> str:
    return render_template(
        "me/edit.html", key=key, comment=comment, own=_own(comment), text=text, problem=problem
    )


def _ask(*, typed: str = "", problem: Problem | None = None) -> str:
    return render_template(
        "me/ask.html",
        typed=typed,
        problem=problem,
        is_sent="sent" in request.args,
        can_mail=config.current().smtp_url is not None,
    )


def _with_problem(body: str, problem: Problem) -> Response:
    response = make_response(body, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _check_form() -> None:
    if not address.is_own_request():
        raise BadOrigin("This form was sent from another page. Please send it from here.")


def _reader(key: str) -> Reader:
    sender = Sender(address=limits.client_address(), agent=request.user_agent.string)
    return Reader(sender=sender, email=confirmations.owner(key))


def _find(reader: Reader, comment_id: str) -> Comment:
    comment = target.find(comment_id)
    target.check_own(comment, reader)
    return comment


def _told(subscription: Subscription) -> str:
    """What is mailed, in words."""
    if subscription.follows is Follows.REPLIES:
        return f"answers to your comments on {directory.by_id(subscription.site_id).name}"
    page = db.session.get(Page, subscription.page_id)
    return f"comments on {page.title or page.key}" if page else "comments on a page"


def _own(comment: Comment) -> Json:
    return view.own(comment, options=directory.by_id(comment.site_id).options)


def _removed(email: str) -> Removed | None:
    """What was taken away just now, while it can come back."""
    try:
        comment = target.find(request.args.get("removed", ""))
    except NotFound:
        return None
    return taken_back(comment) if comment.email == email else None
