"""Two pages made one: which is which, what would come of it, done and taken back."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids, spreadsheet
from afterword.core.errors import NotFound, Problem
from afterword.core.i18n import _
from afterword.moderation import merges, onward, permissions, places, twins
from afterword.sites import directory
from afterword.threads.models import Page
from afterword.web.admin import access, admin

LONGEST = 2100  # characters of an address


@admin.get("/pages/<int:page_id>/merge")
def show_merge(page_id: int) -> Response:
    """Ask for the page that is to stay; with its address, say what a merge would do."""
    return _show(_page(page_id), request.args.get("into", "").strip()[:LONGEST])


@admin.post("/pages/<int:page_id>/merge")
def merge_page(page_id: int) -> AnyResponse:
    page, into = _page(page_id), request.form.get("into", "").strip()[:LONGEST]
    try:
        merges.merge(page.id, _other(page, into).id, by=access.moderator().email)
    except Problem as refusal:
        return _show(page, into, wrong=refusal.detail)
    return redirect(url_for("admin.show_pages", done="merge"), 303)


@admin.post("/merges/<merge_id>/undo")
def undo_merge(merge_id: str) -> AnyResponse:
    if not permissions.may_moderate(access.moderator(), merges.by_id(merge_id).site_id):
        raise NotFound(_("There is no such merge."))
    merges.undo(merge_id, by=access.moderator().email)
    return redirect(url_for("admin.show_pages", done="unmerge"), 303)


@admin.get("/pages/twins")
def show_twins() -> str:
    sites = access.scope(None)
    led = onward.found(sites=sites)
    moved = [(one, spreadsheet.line([one.page.url, one.url])) for one in led if one.into is None]
    return render_template(
        "admin/twins.html",
        twins=twins.find(led, sites=sites),
        moved=moved,
        asking=onward.state(),
    )


@admin.post("/pages/twins")
def ask_pages() -> AnyResponse:
    """Have each page's own address asked where it leads."""
    onward.begin()
    return redirect(url_for("admin.show_twins"), 303)


@admin.post("/pages/<int:page_id>/apart")
def keep_apart(page_id: int) -> AnyResponse:
    other = ids.number(request.form.get("other", ""))
    if other is None:
        raise NotFound(_("There is no such page."))
    one, two = _page(page_id), _page(other)
    twins.keep_apart(one.id, two.id, by=access.moderator().email)
    return redirect(url_for("admin.show_twins"), 303)


def _page(page_id: int) -> Page:
    if ids.number(str(page_id)) is None:
        raise NotFound(_("There is no such page."))
    page = places.by_id(page_id)
    if not permissions.may_decide(access.moderator(), page):
        raise NotFound(_("There is no such page."))
    return page


def _other(page: Page, written: str) -> Page:
    """The page of the same site that is meant. Raises as ``places.find`` does."""
    return places.find(written, site=directory.by_id(page.site_id))


def _show(page: Page, into: str, *, wrong: str | None = None) -> Response:
    plan = None
    if into and wrong is None:
        try:
            plan = merges.preview(page.id, _other(page, into).id)
        except Problem as refusal:
            wrong = refusal.detail
    shown = render_template("admin/merge.html", page=page, into=into, plan=plan, wrong=wrong)
    return make_response(shown, 400 if wrong else 200)
