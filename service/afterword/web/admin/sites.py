"""Sites: their addresses, what their owners choose, the tag to paste."""

from __future__ import annotations

import re
from functools import partial

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, i18n
from afterword.core.errors import Conflict, NotFound, Problem, UnknownSite
from afterword.core.i18n import N_, _, retold
from afterword.moderation import sites as changes
from afterword.posting import rehearse
from afterword.posting.rehearse import NOT_REPLAYED, Rehearsal
from afterword.sites import directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.options import Policy, WrongOption
from afterword.web.admin import access, admin, confirm, recipes

LABELS = {
    "name": N_("Name of the blog"),
    "language": N_("Language of pages and mails for readers"),
    "webmentions": N_("Mentions on pages elsewhere (Webmention)"),
    "fediverse": N_("Replies on the fediverse (Mastodon and its kin)"),
    "policy": N_("When comments appear"),
    "require_name": N_("A comment needs a name"),
    "require_email": N_("A comment needs an e-mail address"),
    "max_length": N_("Longest comment"),
    "trust_after": N_("Approved comments that make an author known"),
    "max_links": N_("Links before a comment waits"),
    "hold_score": N_("Suspicion from which a comment waits"),
    "hold_words": N_("Words that let a comment wait"),
    "reject_words": N_("Words that a comment is refused for"),
    "challenge": N_("A suspicious browser works for a second instead of waiting for you"),
    "hold_reports": N_("Readers' reports until a comment waits"),
    "edit_minutes": N_("Minutes in which authors may edit and remove"),
    "passages": N_("Comments on words of the page"),
    "votes": N_("Votes on comments"),
    "reactions": N_("Reactions to comments"),
    "close_after_days": N_("Days until a page closes"),
    "keep_query": N_("Query parameters that tell pages apart"),
    "https_only": N_("Only pages that came by https may send anything"),
    "sign_in": N_("Readers sign in"),
    "sso_secret": N_("Secret of your blog's own log-in"),
    "sso_keys": N_("Address of its public keys"),
    "akismet_key": N_("Akismet key"),
    "hook_url": N_("Address of your checker"),
    "hook_secret": N_("Secret of your checker"),
    "webhook_url": N_("Address of your webhook"),
    "webhook_secret": N_("Secret of your webhook"),
    "chat_urls": N_("Chats (Apprise addresses)"),
    "chat_events": N_("What chats are told of"),
    "look_theme": N_("Theme"),
    "look_accent": N_("Accent"),
    "look_radius": N_("Corners"),
    "look_density": N_("Density"),
    "look_font": N_("Font"),
    "websub_hub": N_("Hub of its feeds (WebSub)"),
    "texts": N_("Words"),
}
CHOICES = {
    "sign_in": (
        ("auto", N_("Offered once a provider is set up")),
        ("off", N_("Not offered")),
        ("offered", N_("Offered")),
        ("required", N_("Required: guests cannot write")),
    ),
    "votes": (("on", N_("Up and down")), ("up", N_("Only up")), ("off", N_("None"))),
    "fediverse": (
        ("off", N_("Not shown")),
        ("hold", N_("Shown; an author's first waits for you")),
        ("show", N_("Shown as comments of readers are")),
    ),
    "chat_events": (
        ("held", N_("Comments that wait")),
        ("replies", N_("Answers to moderators too")),
        ("all", N_("Comments that appear too")),
    ),
}
MOST_LISTED = 50  # comments that other choices would treat differently; the command lists all
# As ``options.change`` says it.
_WRONG = re.compile(r"(.*?)(?: \(it is (.*)\))?\.", re.DOTALL)
LISTS = frozenset({"hold_words", "reject_words"})  # one a line
POLICIES = (
    (Policy.HOLD_FIRST, N_("Hold first comments"),
     N_("An author's first comment waits for you. Once you have approved one, the next appear at "
     "once.")),
    (Policy.HOLD_LINKS, N_("Hold links"),
     N_("A comment with a link waits for you, unless you have approved its author before.")),
    (Policy.HOLD_SCORE, N_("Hold what is suspicious"),
     N_("Comments appear at once, unless the checks together find them suspicious enough. How much "
     "that is you choose below.")),
    (Policy.PUBLISH, N_("Publish at once"),
     N_("Comments appear when they are sent, unless a check finds something odd.")),
    (Policy.HOLD_ALL, N_("Hold all comments"), N_("Each comment waits until you approve it.")),
)  # fmt: skip

# What one can choose between who has not seen a comment yet.
FIRST_POLICIES = tuple(
    one for one in POLICIES if one[0] in {Policy.HOLD_FIRST, Policy.PUBLISH, Policy.HOLD_ALL}
)


def _is_secret_changed() -> bool:
    return bool(_typed_secrets() or _dropped())


@admin.get("/sites")
def show_sites() -> Response:
    return _show_all()


@admin.post("/sites")
def add_site() -> AnyResponse | Response:
    typed = request.form.to_dict()
    origin, name = _whole(typed.get("origin", "").strip()), typed.get("name", "")
    wrong = wrong_options({"name": name} if name else {})
    try:
        _check_free(origin)
        if not wrong:
            site = changes.add(origin, name=name, by=_by())
            return redirect(url_for("admin.show_site", site_id=site.id, done="added"), 303)
    except Problem as problem:
        wrong["origin"] = problem.detail
    return _show_all(typed, wrong=wrong)


@admin.get("/sites/first")
def show_first_site() -> AnyResponse | Response:
    if directory.every():
        return redirect(url_for("admin.show_sites"), 303)
    return _show_first({"policy": Policy.HOLD_FIRST.value})


@admin.post("/sites/first")
def add_first_site() -> AnyResponse | Response:
    typed = request.form.to_dict()
    chosen = {name: typed[name] for name in ("name", "policy") if typed.get(name)}
    wrong = wrong_options(chosen)
    if wrong:
        return _show_first(typed, wrong=wrong)
    try:
        site = changes.add(_whole(typed.get("origin", "").strip()), by=_by())
    except Problem as problem:
        return _show_first(typed, wrong={"origin": problem.detail})
    changes.choose(site.id, chosen, by=_by())
    return redirect(url_for("admin.show_site", site_id=site.id, done="first"), 303)


@admin.get("/sites/<int:site_id>")
def show_site(site_id: int) -> Response:
    return _show(find_site(site_id))


@admin.post("/sites/<int:site_id>/options")
@partial(confirm.by_password, when=_is_secret_changed)
def choose(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    written = _typed()
    wrong = wrong_options(written)
    if wrong:
        return _show(site, written=written, wrong=wrong)
    changes.choose(site.id, written, by=_by())
    return redirect(url_for("admin.show_site", site_id=site.id, done="saved"), 303)


@admin.post("/sites/<int:site_id>/rehearse")
def try_choices(site_id: int) -> Response:
    """What the choices as typed would have done. They are not kept."""
    site = find_site(site_id)
    written = _typed()
    wrong = wrong_options(written)
    if wrong:
        return _show(site, written=written, wrong=wrong)
    rehearsal = rehearse.rehearse(written, site_id=site.id)
    return _show(site, written=written, rehearsal=rehearsal)


@admin.post("/sites/<int:site_id>/origins")
def add_origin(site_id: int) -> AnyResponse | Response:
    site, origin = find_site(site_id), request.form.get("origin", "").strip()
    try:
        holder = changes.add(_whole(origin), to=site.id, by=_by())
    except Problem as problem:
        return _show(site, origin=origin, wrong={"origin": problem.detail})
    if holder.id != site.id:
        sentence = _("This address belongs to %(site)s. Remove it there first.", site=holder.name)
        return _show(site, origin=origin, wrong={"origin": sentence})
    return redirect(url_for("admin.show_site", site_id=site.id, done="origin"), 303)


@admin.post("/sites/<int:site_id>/origins/remove")
def drop_origin(site_id: int) -> AnyResponse | Response:
    site = find_site(site_id)
    try:
        changes.drop_origin(site.id, request.form.get("origin", ""), by=_by())
    except Problem as problem:
        return _show(site, wrong={"dropped": problem.detail})
    return redirect(url_for("admin.show_site", site_id=site.id, done="dropped"), 303)


def find_site(site_id: int) -> KnownSite:
    """The site of this number. Raises NotFound."""
    for site in directory.every():
        if site.id == site_id:
            return site
    raise NotFound(_("There is no such site."))


def _by() -> str:
    return access.moderator().email


def _check_free(origin: str) -> None:
    """Raises Conflict for an address that some site holds, BadUrl for what is none."""
    try:
        holder = directory.of_url(origin)
    except UnknownSite:
        return
    raise Conflict(_("This address belongs to %(name)s already.", name=holder.name))


def _whole(origin: str) -> str:
    """An address as people say it, ``blog.example``, with the scheme that they leave out."""
    return f"https://{origin}" if origin and "://" not in origin else origin


def _typed() -> dict[str, str]:
    """The choices as typed. A secret is shown to nobody, so an empty field means: as it is."""
    typed = {name: _written(name, default) for name, default, _ in _table()}
    dropped = _dropped()
    for name in options.SECRET:
        if name in dropped:
            typed[name] = ""
        elif not typed[name]:
            del typed[name]
    return typed


def _typed_secrets() -> set[str]:
    return {name for name in options.SECRET if request.form.get(name)}


def _dropped() -> set[str]:
    """The secrets that are ticked to be removed."""
    return set(request.form.getlist("drop")) & options.SECRET


def _table() -> list[tuple[str, str, str]]:
    return [row for row in options.table() if row[0] not in options.LOOK]


def _written(name: str, default: str) -> str:
    """An option as typed. A browser does not send a box without its tick."""
    if default in {"on", "off"} and name not in CHOICES:
        return "on" if name in request.form else "off"
    return request.form.get(name, "").strip()


def wrong_options(written: dict[str, str]) -> dict[str, str]:
    """What is wrong with each option, so that all can be mended at once."""
    found = {}
    for name, text in written.items():
        try:
            options.change({}, {name: text})
        except WrongOption as error:
            found[name] = _sentence(str(error), name)
    return found


def _sentence(error: str, name: str) -> str:
    """What is wrong with an option that the page names already."""
    found = _WRONG.fullmatch(error.removeprefix(name).strip())
    said, typed = found.groups() if found else (error, None)
    must = retold("option", said)
    if typed is None:
        return _("This %(must)s.", must=must)
    return _("This %(must)s (it is %(typed)s).", must=must, typed=typed)


def _show_all(
    typed: dict[str, str] | None = None, *, wrong: dict[str, str] | None = None
) -> Response:
    page = render_template(
        "admin/sites.html",
        sites=directory.every(),
        removed=request.args.get("done") == "removed",
        typed=typed or {},
        wrong=wrong or {},
        snippet=recipes.plain(config.public_url()),
        policy=recipes.policy(config.public_url()),
    )
    return make_response(page, 400 if wrong else 200)


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
        choices_of={
            name: [(value, _(words)) for value, words in listed] for name, listed in CHOICES.items()
        },
        languages=[
            ("", _("Each reader's own, as their browser says it")),
            *((one.code, one.name) for one in i18n.LANGUAGES.values()),
        ],
        secrets=options.SECRET,
        held=options.held(site.options),
        lost=_typed_secrets(),
        dropped=_dropped(),
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
