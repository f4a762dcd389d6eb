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
from afterword.core.i18n import N_, _, entry
from afterword.identity import accounts, confirmations, passkeys
from afterword.identity.models import Account
from afterword.markup import plain
from afterword.moderation import audit
from afterword.operate import person
from afterword.posting import confirm, target
from afterword.posting.context import Sender
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.posting.remove import Removed, remove, restore, taken_back
from afterword.sites import directory, providers
from afterword.sites.directory import KnownSite
from afterword.threads import ownership, subscriptions, view
from afterword.threads.models import Comment, Follows, Page, Subscription
from afterword.threads.view import Json
from afterword.web import address
from afterword.web.pages import pages

SAID = {
    "confirmed": N_("Thank you, this address is confirmed."),
    "edited": N_("The comment was changed."),
    "restored": N_("The comment is back."),
    "ended": N_("No more of these mails."),
    "daily": N_("From now on they come once a day, in one mail."),
    "now": N_("From now on each comes at once."),
    "feed": N_("The feed has a new address. The one before shows nothing any more."),
    "followed": N_("You get one mail a day when there is something new."),
}


@pages.get("/me")
def show_ask() -> str:
    is_out = request.args.get("done") == "signed-out"
    return _ask(said=_("You are signed out in every browser.") if is_out else "")


@pages.post("/me")
def ask_for_link() -> AnyResponse | Response | str:
    typed = request.form.get("email", "")
    try:
        _check_form()
        email = plain.email(typed)
        if email is None:
            raise BadEmail(_("Please write your e-mail address."))
        limits.letter()
        handle = confirm.ask(email)
    except Problem as problem:
        return _with_problem(_ask(typed=typed, problem=problem), problem)
    return redirect(url_for(".show_ask", sent=handle), 303)


@pages.post("/me/code")
def use_code() -> AnyResponse | Response:
    """The code of the mail, for who reads it on another device than this."""
    sent = request.form
    try:
        _check_form()
        limits.sign_in()
        account = confirm.confirm_code(sent.get("handle", ""), sent.get("code", ""))
    except Problem as problem:
        page = _ask(problem=problem, handle=sent.get("handle", ""))
        return _with_problem(page, problem)
    return redirect(url_for(".show_own", key=accounts.key(account)), 303)


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
        key = accounts.key(confirm.confirm(token))
    except BadRequest as problem:
        return _with_problem(_ask(problem=problem), problem)
    return redirect(url_for(".show_own", key=key, done="confirmed"), 303)


@pages.get("/me/unsubscribe/<token>")
def show_unsubscribe(token: str) -> str:
    found = subscriptions.find(token)
    is_done = all(one.ended for one in found)
    return render_template("me/unsubscribe.html", about=_all_told(found), is_done=is_done)


@pages.post("/me/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    # Also by the mail program itself, from wherever it runs (RFC 8058): the token is all it brings.
    found = subscriptions.find(token)
    with transaction():
        for one in found:
            subscriptions.end(one)
    return render_template("me/unsubscribe.html", about=_all_told(found), is_done=True)


@pages.post("/me/<key>/subscriptions/<subscription_id>")
def change_mails(key: str, subscription_id: str) -> AnyResponse:
    """End mails, or have them once a day or at once."""
    _check_form()
    account, act = accounts.owner(key), request.form.get("act", "end")
    if act not in {"end", "daily", "now"}:
        raise BadRequest(_("There is no such act."))
    with transaction():
        for one in _followed(account):
            if one.id != subscription_id:
                continue
            if act == "end":
                subscriptions.end(one)
            else:
                one.is_daily = act == "daily"
    return redirect(url_for(".show_own", key=key, done="ended" if act == "end" else act), 303)


@pages.post("/me/<key>/sites/<int:site_id>")
def follow_site(key: str, site_id: int) -> AnyResponse:
    """Have every comment on a site mailed on which one wrote."""
    _check_form()
    account = accounts.owner(key)
    if site_id not in {site.id for site in _unfollowed(account)}:
        raise NotFound(_("There is no such site, or you follow it already."))
    with transaction():
        email = accounts.emails(account)[0]
        subscriptions.add(email, Follows.SITE, site_id=site_id, page_id=None, is_daily=True)
    return redirect(url_for(".show_own", key=key, done="followed"), 303)


@pages.post("/me/<key>/feed")
def reset_feed(key: str) -> AnyResponse:
    """Give the feed of answers another address: others may have seen the one that it had."""
    _check_form()
    account = accounts.owner(key)
    limits.change()
    with transaction():
        accounts.reset_feed(account)
    return redirect(url_for(".show_own", key=key, done="feed", _anchor="feed"), 303)


@pages.get("/me/<key>")
def show_own(key: str) -> Response | str:
    try:
        account = accounts.owner(key)
    except BadRequest as problem:
        return _with_problem(_ask(problem=problem), problem)
    found = confirm.comments(account)
    return render_template(
        "me/own.html",
        key=key,
        emails=accounts.emails(account),
        comments=[(comment, _own(comment)) for comment in found],
        followed=[(one, _told(one)) for one in _followed(account)],
        unfollowed=_unfollowed(account),
        feed=accounts.feed_key(account),
        is_cut=len(found) == confirm.SHOWN,
        said=entry(SAID, request.args.get("done", "")),
        removed=_removed(account),
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
    raise BadRequest(_("There is no such act."))


@pages.get("/me/<key>/all")
def download_own(key: str) -> Response:
    """All that is kept of somebody, as a file."""
    kept = person.written(person.of_account(accounts.owner(key)))
    response = jsonify(kept)
    response.headers["Content-Disposition"] = 'attachment; filename="my-comments.json"'
    return response


@pages.get("/me/<key>/erase")
def show_erase(key: str) -> str:
    account = accounts.owner(key)
    count = len(person.comments(person.of_account(account)))
    emails = accounts.emails(account)
    return render_template("me/erase.html", key=key, emails=emails, count=count)


@pages.post("/me/<key>/erase")
def erase_own(key: str) -> str:
    _check_form()
    account = accounts.owner(key)
    limits.change()
    count = person.erase(person.of_account(account), by=audit.AUTHOR)
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


def _ask(
    *, typed: str = "", problem: Problem | None = None, handle: str = "", said: str = ""
) -> str:
    return render_template(
        "me/ask.html",
        typed=typed,
        problem=problem,
        said=said,
        handle=handle or request.args.get("sent", ""),
        has_ways=bool(providers.every()) or passkeys.party() is not None,
        can_mail=config.current().smtp_url is not None,
    )


def _with_problem(body: str, problem: Problem) -> Response:
    response = make_response(body, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _check_form() -> None:
    if not address.is_own_request():
        raise BadOrigin(_("This form was sent from another page. Please send it from here."))


def _reader(key: str) -> Reader:
    sender = Sender(address=limits.client_address(), agent=request.user_agent.string)
    return Reader(sender=sender, account_id=accounts.owner(key).id)


def _find(reader: Reader, comment_id: str) -> Comment:
    comment = target.find(comment_id)
    target.check_own(comment, reader)
    return comment


def _all_told(followed: list[Subscription]) -> str:
    return ", ".join(dict.fromkeys(_told(one) for one in followed))


def _unfollowed(account: Account) -> list[KnownSite]:
    """The sites that somebody wrote on and could follow, where mails can be sent."""
    if config.current().smtp_url is None or not accounts.emails(account):
        return []
    have = {one.site_id for one in _followed(account) if one.follows is Follows.SITE}
    wrote = {comment.site_id for comment in confirm.comments(account)}
    return [site for site in directory.every() if site.id in wrote - have]


def _told(subscription: Subscription) -> str:
    """What is mailed, in words."""
    if subscription.follows is Follows.REPLIES:
        return _(
            "answers to your comments on %(site)s",
            site=directory.by_id(subscription.site_id).name,
        )
    if subscription.follows is Follows.SITE:
        return _("comments on %(site)s", site=directory.by_id(subscription.site_id).name)
    page = db.session.get(Page, subscription.page_id)
    return (
        _("comments on %(page)s", page=page.title or page.key) if page else _("comments on a page")
    )


def _own(comment: Comment) -> Json:
    return view.own(comment, options=directory.by_id(comment.site_id).options)


def _followed(account: Account) -> list[Subscription]:
    return [one for email in accounts.emails(account) for one in subscriptions.of_address(email)]


def _removed(account: Account) -> Removed | None:
    """What was taken away just now, while it can come back."""
    try:
        comment = target.find(request.args.get("removed", ""))
    except NotFound:
        return None
    return taken_back(comment) if ownership.owns(account.id, comment) else None
