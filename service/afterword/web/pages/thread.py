"""``/thread``: the thread without JavaScript, with a form that posts and redirects (303)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock, config, i18n, ids, limits, signing
from afterword.core.db import db
from afterword.core.errors import BadOrigin, BadUrl, IdempotencyMismatch, Problem
from afterword.core.i18n import _
from afterword.markup import links
from afterword.posting import draft as drafts
from afterword.posting import forms
from afterword.posting.context import Sender
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import linked, pages, read, slices, view
from afterword.threads.models import Comment, Page, State
from afterword.threads.slices import Slice
from afterword.threads.view import Json
from afterword.web import address, errors, language, ready
from afterword.web.pages import pages as area
from afterword.web.pages.advert import advertise

SAME_FORM: Final = 3600.0  # seconds that a form may be open, to be sent once more as it is
EMPTY: dict[str, str] = {
    "text": "",
    "name": "",
    "email": "",
    "website": "",
    "notify": "",
    "daily": "",
}


@area.get("/thread")
def show_thread() -> Response:
    return _show(request.args.get("url") or _referer(), typed=EMPTY)


@area.post("/thread")
def post_comment() -> AnyResponse | Response:
    typed = {name: request.form.get(name, "") for name in EMPTY}
    url = request.form.get("url", "")
    try:
        # A refusal is said in the language that the page is in.
        language.speak_of(directory.of_url(url).options)
        comment = _submit(url, typed)
    except Problem as problem:
        return _show(url, typed=typed, problem=problem)
    return redirect(_address_of(url, comment), 303)


def _submit(url: str, typed: dict[str, str]) -> Comment:
    if not address.is_own_request():
        raise BadOrigin(_("This form was sent from another page. Please send it from here."))
    author = {name: typed[name] for name in ("name", "email", "website")}
    sent = {
        "url": url,
        "text": typed["text"],
        "author": author,
        **{
            name: request.form.get(name)
            for name in ("page", "parent", "form", "trap", "notify", "daily")
        },
    }
    key = request.form.get("key") or None
    sender = Sender(
        address=limits.client_address(),
        agent=request.user_agent.string,
        may_mail=limits.may_mail,
    )
    return submit(drafts.read(sent), key=key, sender=sender, admit=limits.post).comment


def _address_of(url: str, comment: Comment) -> str:
    page = request.form.get("page") or None
    if comment.state is State.VISIBLE:
        around, anchor = comment.id, f"comment-{comment.id}"
        return url_for(".show_thread", url=url, page=page, around=around, _anchor=anchor)
    return url_for(".show_thread", url=url, page=page, waits=1, _anchor="form")


def _show(url: str, *, typed: dict[str, str], problem: Problem | None = None) -> Response:
    site = directory.of_url(url)
    language.speak_of(site.options)
    asked = _asked(site, url)
    found = pages.find(site.id, asked.key)
    about = view.page(found, key=asked.key, url=url, options=site.options)
    body = render_template(
        "thread.html",
        site=site,
        about=about,
        comments=_comments(asked, found),
        url=url,
        page=asked.page,
        sort=asked.slice.sort.value,
        title=about["title"] or url,
        back=about["url"] if problem is None or about["count"] else url,
        form=_form(asked, is_open=about["is_open"], problem=problem),
        typed=typed,
        problem=problem,
        waits="waits" in request.args,
        can_mail=config.current().smtp_url is not None,
    )
    response = ready.compressed(errors.marked(make_response(body), problem))
    advertise(response, site=site)
    response.headers["Cache-Control"] = "private, no-cache"  # the form's token is this reader's
    return response


@dataclass(frozen=True)
class _Asked:
    """Which part of which thread a reader asks for."""

    site: KnownSite
    key: str
    page: str | None  # the page's own id, when it says one
    slice: Slice
    of: str | None  # the root whose replies are shown, instead of the page's roots

    @property
    def variant(self) -> Hashable:
        spoken = i18n.language().code
        return ("html", spoken, self.site.id, self.site.stamp, self.key, self.slice, self.of)


def _asked(site: KnownSite, url: str) -> _Asked:
    page = request.values.get("page") or None
    asked = slices.read(
        sort=request.args.get("sort"),
        after=request.args.get("after"),
        around=request.args.get("around"),
    )
    return _Asked(site, site.page_key(url, page), page, asked, request.args.get("of"))


def _comments(asked: _Asked, found: Page | None) -> Markup:
    """The thread as HTML: the same for every reader, so it is rendered once a version."""
    if found is None:
        return Markup()
    url = found.url
    fragment = ready.fragment(
        asked.variant,
        version=lambda: pages.version(asked.site.id, asked.key),
        render=lambda: _render(asked, url).encode(),
        is_shared=asked.slice.is_first,
    )
    return Markup(fragment.decode())  # noqa: S704 - our own template's


def _render(asked: _Asked, url: str) -> str:
    thread = read.thread(asked.site, asked.key, url=url, slice=asked.slice, of=asked.of)
    return render_template(
        "comments.html",
        thread=thread,
        is_writable=not asked.site.requires_sign_in,
        url=url,
        page=asked.page,
        sort=asked.slice.sort.value,
        of=asked.of,
        linked_data=linked.thread(
            thread.page,
            thread.comments,
            permalinks=f"{config.public_url()}/c/",
            nameless=_("Anonymous"),
        ),
    ).strip()


def _form(asked: _Asked, *, is_open: bool, problem: Problem | None) -> dict[str, Any]:
    key = request.form.get("key")
    if isinstance(problem, IdempotencyMismatch):
        # Who went back to the form of a comment that has arrived, and wrote another one.
        key = None
    return {
        "token": _token(asked),
        "key": key or signing.new_secret(),
        "answers": _answered(request.values.get("reply") or request.form.get("parent")),
        "is_open": is_open,
    }


def _token(asked: _Asked) -> str:
    """That of the form which was sent: a mistake is put right within moments, no robot's."""
    sent, here = request.form.get("form"), limits.client_address()
    opened = forms.read(sent, site_id=asked.site.id, page_key=asked.key, address=here)
    if sent and opened.age is not None and opened.age < SAME_FORM:
        return sent
    return forms.token(asked.site.id, asked.key, address=here)


def _answered(comment_id: str | None) -> Json | None:
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None or comment.state is not State.VISIBLE:
        return None
    return view.public(comment)


def _referer() -> str:
    url = request.headers.get("Referer")
    if not url or url.startswith(config.public_url() + "/"):
        raise BadUrl(
            _(
                "This address shows the comments of a page, and your browser did not say of which. "
                "Please go back to the page and follow its link to the comments."
            )
        )
    return url


@area.app_template_filter("place")
def _place(url: str) -> str:
    """The host of an address, in letters that do not deceive."""
    return links.shown_host(links.host_of(url))


@area.app_template_filter("day")
def _day(written: str) -> str:
    """A moment as a reader says it: 23 November 2026, 06:02 UTC."""
    return i18n.moment(clock.parse(written))
