"""Sites: their addresses, what their owners choose, the tag to paste."""

from __future__ import annotations

from functools import partial

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config
from afterword.core.errors import Conflict, NotFound, Problem, UnknownSite
from afterword.posting import rehearse
from afterword.posting.rehearse import NOT_REPLAYED, Rehearsal
from afterword.sites import changes, directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.options import Policy, WrongOption
from afterword.web.admin import admin, confirm, recipes

LABELS = {
    "name": "Name of the blog",
    "policy": "When comments appear",
    "require_name": "A comment needs a name",
    "require_email": "A comment needs an e-mail address",
    "max_length": "Longest comment",
    "trust_after": "Approved comments that make an author known",
    "max_links": "Links before a comment waits",
    "hold_score": "Suspicion from which a comment waits",
    "hold_words": "Words that let a comment wait",
    "reject_words": "Words that a comment is refused for",
    "challenge": "A suspicious browser works for a second instead of waiting for you",
    "hold_reports": "Readers' reports until a comment waits",
    "edit_minutes": "Minutes in which authors may edit and remove",
    "votes": "Votes on comments",
    "reactions": "Reactions to comments",
    "close_after_days": "Days until a page closes",
    "keep_query": "Query parameters that tell pages apart",
    "akismet_key": "Akismet key",
    "hook_url": "Address of your checker",
    "hook_secret": "Secret of your checker",
    "webhook_url": "Address of your webhook",
    "webhook_secret": "Secret of your webhook",
    "chat_urls": "Chats (Apprise addresses)",
    "chat_events": "What chats are told of",
    "look_theme": "Theme",
    "look_accent": "Accent",
    "look_radius": "Corners",
    "look_density": "Density",
    "look_font": "Font",
    "texts": "Words",
}
CHOICES = {
    "votes": (("on", "Up and down"), ("up", "Only up"), ("off", "None")),
    "chat_events": (("held", "Comments that wait"), ("all", "Comments that appear too")),
}
MOST_LISTED = 50  # comments that other choices would treat differently; the command lists all
LISTS = frozenset({"hold_words", "reject_words"})  # one a line
POLICIES = (
    (Policy.HOLD_FIRST, "Hold first comments",
     "An author's first comment waits for you. Once you have approved one, the next appear at "
     "once."),
    (Policy.HOLD_LINKS, "Hold links",
     "A comment with a link waits for you, unless you have approved its author before."),
    (Policy.HOLD_SCORE, "Hold what is suspicious",
     "Comments appear at once, unless the checks together find them suspicious enough. How much "
     "that is you choose below."),
    (Policy.PUBLISH, "Publish at once",
     "Comments appear when they are sent, unless a check finds something odd."),
    (Policy.HOLD_ALL, "Hold all comments", "Each comment waits until you approve it."),
)  # fmt: skip

# What one can choose between who has not seen a comment yet.
FIRST_POLICIES = tuple(
    one for one in POLICIES if one[0] in {Policy.HOLD_FIRST, Policy.PUBLISH, Policy.HOLD_ALL}
)


def _is_secret_changed() -> bool:
    dropped = request.form.getlist("drop")
    return any(request.form.get(name) or name in dropped for name in options.SECRET)


@admin.get("/sites")
def show_sites() -> Response:
    return _show_all()


@admin.post("/sites")
def add_site() -> AnyResponse | Response:
    origin = _whole(request.form.get("origin", "").strip())
    try:
        _check_free(origin)
        site = changes.add(origin, name=request.form.get("name", ""))
    except Problem as problem:
        return _show_all(typed=request.form.to_dict(), problem=problem)
    except WrongOption as error:
        return _show_all(typed=request.form.to_dict(), wrong=str(error))
    return redirect(url_for("admin.show_site", site_id=site.id, done="added"), 303)


@admin.get("/sites/first")
def show_first_site() -> AnyResponse | Response:
    if directory.every():
        return redirect(url_for("admin.show_sites"), 303)
    return _show_first({"policy": Policy.HOLD_FIRST.value})


@admin.post("/sites/first")
def add_first_site() -> AnyResponse | Response:
    typed = request.form.to_dict()
    chosen = {name: typed[name] for name in ("name", "policy") if typed.get(name)}
    wrong = _wrong(chosen)
    if wrong:
        return _show_first(typed, wrong=wrong)
    try:
        site = changes.add(_whole(typed.get("origin", "").strip()))
    except Problem as problem:
        return _show_first(typed, wrong={"origin": problem.detail})
    changes.choose(site.id, chosen)
    return redirect(url_for("admin.show_site", site_id=site.id, done="first"), 303)


@admin.get("/sites/<int:site_id>")
def show_site(site_id: int) -> Response:
    return _show(find_site(site_id))


@admin.post("/sites/<int:site_id>/options")
@partial(confirm.by_password, when=_is_secret_changed)
def choose(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    written = _typed()
    wrong = _wrong(written)
    if wrong:
        return _show(site, written=written, wrong=wrong)
    changes.choose(site.id, written)
    return redirect(url_for("admin.show_site", site_id=site.id, done="saved"), 303)


@admin.post("/sites/<int:site_id>/rehearse")
def try_choices(site_id: int) -> Response:
    """What the choices as typed would have done. They are not kept."""
    site = find_site(site_id)
    written = _typed()
    wrong = _wrong(written)
    if wrong:
        return _show(site, written=written, wrong=wrong)
    rehearsal = rehearse.rehearse(written, site_id=site.id)
    return _show(site, written=written, rehearsal=rehearsal)


@admin.post("/sites/<int:site_id>/origins")
def add_origin(site_id: int) -> AnyResponse | Response:
    site, origin = find_site(site_id), request.form.get("origin", "").strip()
    try:
        holder = changes.add(_whole(origin), to=site.id)
    except Problem as problem:
        return _show(site, origin=origin, wrong={"origin": problem.detail})
    if holder.id != site.id:
        sentence = f"This address belongs to {holder.name}. Remove it there first."
        return _show(site, origin=origin, wrong={"origin": sentence})
    return redirect(url_for("admin.show_site", site_id=site.id, done="origin"), 303)


@admin.post("/sites/<int:site_id>/origins/remove")
def drop_origin(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    try:
        changes.drop_origin(site.id, request.form.get("origin", ""))
    except Problem as problem:
        return _show(site, wrong={"dropped": problem.detail})
    return redirect(url_for("admin.show_site", site_id=site.id, done="dropped"), 303)


def find_site(site_id: int) -> KnownSite:
    """The site of this number. Raises NotFound."""
    for site in directory.every():
        if site.id == site_id:
            return site
    raise NotFound("There is no such site.")


def _check_free(origin: str) -> None:
    """Raises Conflict for an address that some site holds, BadUrl for what is none."""
    try:
        holder = directory.of_url(origin)
    except UnknownSite:
        return
    raise Conflict(f"This address belongs to {holder.name} already.")


def _whole(origin: str) -> str:
    """An address as people say it, ``blog.example``, with the scheme that they leave out."""
    return f"https://{origin}" if origin and "://" not in origin else origin


def _typed() -> dict[str, str]:
    """The choices as typed. A secret is shown to nobody, so an empty field means: as it is."""
    typed = {name: _written(name, default) for name, default, _ in _table()}
    dropped = request.form.getlist("drop")
    for name in options.SECRET:
        if name in dropped:
            typed[name] = ""
        elif not typed[name]:
            del typed[name]
    return typed


def _table() -> list[tuple[str, str, str]]:
    return [row for row in options.table() if row[0] not in options.LOOK]


def _written(name: str, default: str) -> str:
    """An option as typed. A browser does not send a box without its tick."""
    if default in {"on", "off"} and name not in CHOICES:
        return "on" if name in request.form else "off"
    return request.form.get(name, "").strip()


def _wrong(written: dict[str, str]) -> dict[str, str]:
    """What is wrong with each option, so that all can be mended at once."""
    found = {}
    for name, text in written.items():
        try:
            options.change({}, {name: text})
        except WrongOption as error:
            found[name] = _sentence(str(error), name)
    return found


def _sentence(error: str, name: str) -> str:
    return f"This {error.removeprefix(name).strip()}"


def _show_all(
    *,
    typed: dict[str, str] | None = None,
    problem: Problem | None = None,
    wrong: str | None = None,
) -> Response:
    page = render_template(
        "admin/sites.html",
        sites=directory.every(),
        typed=typed or {},
        wrong=problem.detail if problem else wrong,
        snippet=recipes.plain(config.public_url()),
        policy=recipes.policy(config.public_url()),
    )
    return make_response(page, 400 if problem or wrong else 200)


def _show_first(typed: dict[str, str], *, wrong: dict[str, str] | None = None) -> Response:
    page = render_template(
        "admin/first-site.html", typed=typed, wrong=wrong or {}, choices=FIRST_POLICIES
    )
    return make_response(page, 400 if wrong else 200)


def _show(
    site: KnownSite,
    *,
    written: dict[str, str] | None = None,
    origin: str = "",
    wrong: dict[str, str] | None = None,
    rehearsal: Rehearsal | None = None,
) -> Response:
    page = render_template(
        "admin/site.html",
        site=site,
        table=_table(),
        written=written or options.written(site.options),
        labels=LABELS,
        lists=LISTS,
        choices=POLICIES,
        listed=CHOICES,
        secrets=options.SECRET,
        held=options.held(site.options),
        origin=origin,
        wrong=wrong or {},
        rehearsal=rehearsal,
        most=MOST_LISTED,
        not_replayed=NOT_REPLAYED,
        snippet=recipes.plain(config.public_url()),
        policy=recipes.policy(config.public_url()),
        done=request.args.get("done"),
    )
    return make_response(page, 400 if wrong else 200)
