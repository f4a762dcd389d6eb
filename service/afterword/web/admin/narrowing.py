"""By what the queue is narrowed, and by what it may be: each is a link, so it needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from afterword.core.i18n import N_, _
from afterword.markup import links
from afterword.moderation import index, queue, search
from afterword.moderation.search import Field, Query, Term
from afterword.threads.models import Comment, Page, State
from afterword.web.admin import access, admin
from afterword.web.admin.shown import kind_in_words as shown_kind
from afterword.web.admin.view import View

LABELS = {
    Field.WORDS: "",
    Field.AUTHOR: N_("Author"),
    Field.EMAIL: N_("E-mail"),
    Field.LINK: N_("Link"),
    Field.REASON: N_("Reason"),
    Field.PAGE: N_("Page"),
    Field.IP: N_("Network"),
    Field.BEFORE: N_("Before"),
    Field.AFTER: N_("After"),
    Field.STATE: N_("State"),
    Field.HAS: N_("Has"),
}
MOST_PAGES = 3  # that are offered beside what was found


@dataclass(frozen=True)
class Chip:
    """One thing that the queue is narrowed by, and the queue without it."""

    label: str
    said: str
    without: str


@dataclass(frozen=True)
class Choice:
    """One thing that the queue can be narrowed by."""

    said: str
    address: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Narrowing:
    """What stands above the list."""

    chips: list[Chip]
    reasons: list[Choice]
    pages: list[Choice]  # whose titles or addresses have the words that are looked for
    ignored: tuple[str, ...]  # of what was typed


def of(view: View, shown: Sequence[Comment], *, typed: str) -> Narrowing:
    """By what this view of the queue is narrowed, and may be."""
    return Narrowing(_chips(view, shown), _reasons(view), _pages(view), search.read(typed).ignored)


@admin.app_template_filter("kind")
def kind(reason: str) -> str:
    """What a reason has in common with others of its kind."""
    return index.kind(reason)


@admin.app_template_global()
def by_author(view: View, comment: Comment) -> str | None:
    """The queue narrowed to a comment's author; None where nothing tells, or where it is."""
    fields: dict[str, object] = {"after": None}
    if comment.author_id:
        return None if view.author else view.address(author=comment.author_id, **fields)
    field, said = (Field.EMAIL, comment.email) if comment.email else (Field.AUTHOR, comment.name)
    if not said or comment.is_moderator:
        return None
    query = search.read(f"{view.query} {search.quoted(field, said)}")
    return view.address(q=str(query), **fields) if query.terms != view.query.terms else None


def _chips(view: View, shown: Sequence[Comment]) -> list[Chip]:
    chips = []
    if view.page is not None:
        page = access.find_page(view.page)
        chips.append(_chip(view, "page", _("Page"), _title(page) if page else str(view.page)))
    if view.author:
        name = shown[0].name or _("Anonymous") if shown else _("one author")
        chips.append(_chip(view, "author", _("Author"), name))
    if view.reason:
        chips.append(_chip(view, "reason", _("Reason"), shown_kind(view.reason)))
    if view.links:
        chips.append(_chip(view, "links", _("With links"), ""))
    return [*chips, *(_word(view, term) for term in view.query.terms)]


def _chip(view: View, name: str, label: str, said: str) -> Chip:
    return Chip(label, said, view.address(**{name: None, "after": None}))


def _word(view: View, term: Term) -> Chip:
    rest = view.address(q=str(view.query.without(term)) or None, after=None)
    label = _("Without") if term.is_excluded else _(LABELS[term.field]) if term.field else ""
    field = f"{term.field}: " if term.is_excluded and term.field else ""
    value = f"“{term.value}”" if term.is_quoted else term.value
    return Chip(label, field + value, rest)


def _reasons(view: View) -> list[Choice]:
    if view.state is not State.PENDING:
        return []
    return [
        Choice(shown_kind(said), view.address(reason=said, after=None), said == view.reason)
        for said in queue.reasons(view.state, sites=access.scope(view.site))
    ]


def _pages(view: View) -> list[Choice]:
    words = [term for term in view.query.of(Field.WORDS) if not term.is_excluded]
    if not words or view.page or view.after:
        return []
    found = index.pages_of(*words, sites=view.wanted.sites, limit=MOST_PAGES)
    rest = str(Query(tuple(term for term in view.query.terms if term not in words))) or None
    return [
        Choice(_title(page), view.address(page=page.id, q=rest))
        for number in found
        if (page := access.find_page(number)) is not None
    ]


def _title(page: Page) -> str:
    return page.title or links.shown(page.url)
