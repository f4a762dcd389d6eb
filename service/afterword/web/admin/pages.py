"""Pages: found, closed and opened, moved by a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.errors import BadRequest, NotFound, Problem
from afterword.core.i18n import N_, _, entry
from afterword.mentions import following
from afterword.moderation import merges, moves, permissions, places, posts
from afterword.moderation.models import Act
from afterword.moderation.moves import Plan, WrongMoves
from afterword.sites import directory
from afterword.sites.options import Fediverse
from afterword.threads import pages
from afterword.threads.models import Page
from afterword.web.admin import access, admin

LONGEST = 300  # characters that are looked for
SAID = {
    "close": N_("The page is closed: it takes no more comments."),
    "open": N_("The page takes comments again."),
}
MERGED = {
    "merge": N_("The pages are one now."),
    "unmerge": N_("The pages are two again."),
}
LINKED = {
    "link": N_("The post is linked. Replies to it appear within a minute, or wait for you."),
    "unlink": N_("No post is linked to the page any more."),
}
MOVED_BACK = {"back": N_("The page is where it was before.")}


@dataclass(frozen=True, kw_only=True)
class View:
    """Which pages somebody looks at. Travels in addresses and in hidden fields."""

    words: str = ""
    site: int | None = None
    after: int | None = None

    def fields(self) -> dict[str, Any]:
        """What says this view, without what goes without saying."""
        said = {"words": self.words or None, "site": self.site, "after": self.after}
        return {name: value for name, value in said.items() if value is not None}

    def address(self, **changed: Any) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        fields = {**self.fields(), **changed}
        return url_for("admin.show_pages", **{k: v for k, v in fields.items() if v is not None})


@admin.get("/pages")
def show_pages() -> Response:
    return _show_pages()


def _show_pages(problem: Problem | None = None) -> Response:
    view, done = _asked(), request.args.get("done", "")
    found = places.search(view.words, sites=access.scope(view.site), after=view.after)
    linked = [page.id for page in found.pages if page.post is not None]
    page = render_template(
        "admin/pages.html",
        view=view,
        found=found,
        followed=following.of_pages(linked),
        can_link=any(site.options.fediverse is not Fediverse.OFF for site in access.sites()),
        problem=problem,
        typed=request.form,
        is_open=_is_open,
        sites=access.sites(),
        merged=merges.standing(sites=access.scope(view.site))
        if access.moderator().is_owner
        else [],
        opened=done == "merge",
        said=None if problem else entry({**SAID, **MERGED, **LINKED, **MOVED_BACK}, done),
    )
    return make_response(page, problem.status if problem else 200)


@admin.post("/pages/link")
def link_post() -> AnyResponse | Response:
    """Have replies to a post on the fediverse shown with a page."""
    url, post = (request.form.get(name, "").strip() for name in ("url", "post"))
    try:
        page = posts.link(url, post, by=access.moderator().email)
    except Problem as problem:
        return _show_pages(problem)
    return redirect(_asked().address(done="link", _anchor=f"page-{page.id}"), 303)


@admin.post("/pages/<int:page_id>/unlink")
def unlink_post(page_id: int) -> AnyResponse:
    """Have them shown no longer."""
    if ids.number(str(page_id)) is None:
        raise NotFound(_("There is no such page."))
    posts.unlink(page_id, by=access.moderator().email)
    return redirect(_asked().address(done="unlink", _anchor=f"page-{page_id}"), 303)


@admin.post("/pages/<int:page_id>")
def set_open(page_id: int) -> AnyResponse:
    """Close a page or open it, as ``act`` says."""
    view, act = _asked(), request.form.get("act", "")
    if act not in SAID:
        raise BadRequest(_("That cannot be done with a page."))
    is_theirs = ids.number(str(page_id)) is not None and permissions.may_decide(
        access.moderator(), places.by_id(page_id)
    )
    if not is_theirs:
        raise NotFound(_("There is no such page."))
    places.set_open_by_id(page_id, is_open=act == "open", by=access.moderator().email)
    return redirect(view.address(done=act, _anchor=f"page-{page_id}"), 303)


@admin.post("/pages/<int:page_id>/back")
def move_back(page_id: int) -> AnyResponse:
    """Take the last move of a page back."""
    view = _asked()
    if ids.number(str(page_id)) is None:
        raise NotFound(_("There is no such page."))
    moves.return_page(page_id, by=access.moderator().email)
    return redirect(view.address(done="back", _anchor=f"page-{page_id}"), 303)


@admin.get("/pages/moves")
def show_moves() -> Response:
    """Ask for a table of moves, maybe with one that was suggested."""
    return _show_moves(request.args.get("text", ""))


@admin.post("/pages/moves")
def move_pages() -> Response:
    """Try a table of moves, or make them where ``act`` says so. It is shown again either way."""
    text, is_trial = request.form.get("text", ""), request.form.get("act") != "move"
    try:
        plan = moves.table(text.splitlines())
        act = None if is_trial else moves.follow(plan, by=access.moderator().email)
    except WrongMoves as error:
        return _show_moves(text, wrong=error.lines)
    return _show_moves(text if is_trial else "", plan=plan, is_trial=is_trial, act=act)


def _asked() -> View:
    """The view that this request names. Raises NotFound for what there is none of."""
    words, site, after = (request.values.get(name, "").strip() for name in View.__annotations__)
    known = {str(one.id): one.id for one in access.sites()}
    is_odd = (site and site not in known) or (after and ids.number(after) is None)
    if is_odd or len(words) > LONGEST or "\0" in words:
        raise NotFound(_("There is no such list of pages."))
    return View(words=words, site=known.get(site), after=ids.number(after))


def _is_open(page: Page) -> bool:
    return pages.is_open(page, options=directory.by_id(page.site_id).options)


def _show_moves(
    text: str,
    *,
    plan: Plan | None = None,
    wrong: list[str] | None = None,
    is_trial: bool = True,
    act: Act | None = None,
) -> Response:
    page = render_template(
        "admin/moves.html", text=text, plan=plan, wrong=wrong or [], is_trial=is_trial, act=act
    )
    return make_response(page, 400 if wrong else 200)
