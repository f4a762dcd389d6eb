"""The window: whom one can sign in with, the way there, and back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify, render_template, request

from afterword.core import limits, urls
from afterword.core.errors import BadOrigin, BadUrl, Problem
from afterword.core.i18n import _
from afterword.identity import accounts, errands, handovers, joining, passkeys
from afterword.identity.errands import Back
from afterword.identity.handovers import Waiting
from afterword.identity.joining import Joining
from afterword.posting import sign_in
from afterword.posting.sign_in import Done
from afterword.sites import directory, providers
from afterword.sites.directory import Way
from afterword.sites.models import ProviderKind
from afterword.web.auth import auth


@auth.get("/")
def show_window() -> str:
    """``origin`` and ``challenge`` of the page that waits; without, one comes to one's own page."""
    at = waiting(request.args)
    chosen = request.args.get("way", "")
    ways = _ways(at)
    return render_template(
        "auth/window.html",
        ways=[one for one in ways if one.kind != "email"],
        # Nobody is sent on at once to join something: they see first what it is about.
        chosen=next((one.name for one in ways if one.name == chosen and not _key()), ""),
        site=directory.by_id(at.site_id) if at else None,
        origin=at.origin if at else "",
        challenge=at.challenge if at else "",
        page=_page(at),
        key=_key(),
        profile=accounts.owner(_key()).name if _key() else "",
        has_passkeys=passkeys.party() is not None,
    )


@auth.post("/<name>/begin")
def begin(name: str) -> Response:
    at = waiting(request.form)
    if at is not None:
        sign_in.check_offered(directory.by_id(at.site_id), name)
    limits.sign_in()
    key = _key()
    url = errands.begin(
        name,
        browser_hash=request.form.get("browser", ""),
        instance=request.form.get("instance", ""),
        waiting=at,
        account_id=accounts.owner(key).id if key else None,
    )
    return _told({"url": url})


@auth.get("/<name>/callback")
@auth.get("/<name>/<at>/callback")
def show_return(name: str, at: str = "") -> str:  # noqa: ARG001 - the script comes back by it
    # Nothing is done yet: the script of the page says that it is the window that went away.
    return render_template("auth/return.html", label=providers.find(name).label)


@auth.post("/<name>/callback")
@auth.post("/<name>/<at>/callback")
def finish(name: str, at: str = "") -> Response:
    sent = request.form
    limits.sign_in()
    back = Back(
        provider=name,
        state=sent.get("state", ""),
        browser=sent.get("browser", ""),
        code=sent.get("code", ""),
        issuer=sent.get("iss"),
        error=sent.get("error", ""),
        at=at,
    )
    arrived = errands.finish(back)
    if arrived.account_id is not None:
        return _ask_to_join(Joining(arrived.account_id, arrived.shown), browser=back.browser)
    return told(sign_in.arrive(arrived))


@auth.post("/join")
def join() -> Response:
    """They have seen whose profile it is."""
    limits.sign_in()
    sent = request.form
    return told(
        sign_in.join(joining.agreed(sent.get("token", ""), browser=sent.get("browser", "")))
    )


def _ask_to_join(shown: Joining, *, browser: str) -> Response:
    return _told(
        {
            "join": joining.ask(shown, browser=browser),
            "shown": shown.shown.label,
            "profile": accounts.called(shown.account_id),
        }
    )


def told(done: Done) -> Response:
    """What the window does when somebody has signed in."""
    if done.code is not None:
        return _told({"origin": done.origin, "code": done.code})
    return _told({"me": f"/me/{accounts.key(done.account)}"})


@auth.errorhandler(Problem)
def _show(problem: Problem) -> Response:
    """In words: as data to the window's script, as a page to somebody who came by an address."""
    if request.method == "POST":
        answer = jsonify({"code": problem.code, "detail": problem.detail})
    else:
        answer = Response(render_template("auth/problem.html", problem=problem))
    answer.status_code = problem.status
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _told(said: dict[str, str | None]) -> Response:
    answer = jsonify(said)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def waiting(said: Mapping[str, str]) -> Waiting | None:
    """The page that waits. Raises BadUrl, UnknownSite, BadRequest, BadOrigin."""
    origin, challenge = said.get("origin", ""), said.get("challenge", "")
    if not origin:
        return None
    if urls.origin(origin) != origin:
        raise BadOrigin(_("The page that opened this window said not where it is."))
    site = directory.of_url(origin)
    return Waiting(site.id, origin, handovers.check_challenge(challenge))


def _page(at: Waiting | None) -> str:
    """The address of the page, to go back there where a browser has parted the two."""
    page = request.args.get("page", "")
    try:
        return page if at and urls.origin_of(page) == at.origin else ""
    except BadUrl:
        return ""


def _ways(at: Waiting | None) -> tuple[Way, ...]:
    if at is not None:
        return directory.by_id(at.site_id).ways
    return tuple(Way(one.name, one.label, one.kind.value) for one in providers.every())


def _key() -> str:
    return str(request.values.get("key", ""))


@auth.app_template_test("mastodon")
def _is_mastodon(way: Way) -> bool:
    return way.kind == ProviderKind.MASTODON
