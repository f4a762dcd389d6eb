"""Which pages in a browser may use the API (CORS), on every answer, errors included."""

from __future__ import annotations

import contextlib

from flask import Blueprint, Response, g, request

from afterword.core import limits, urls
from afterword.core.db import UNREACHABLE
from afterword.core.errors import BadOrigin, BadUrl, Problem, UnknownSite
from afterword.core.i18n import _
from afterword.identity import authors
from afterword.posting import target as targets
from afterword.posting.context import Sender
from afterword.posting.reader import Reader
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment

PREFLIGHT_SECONDS = 7200
ANYBODY = "*"  # may read an answer in which nothing is but a refusal
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"),
    ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
)


def guard(blueprint: Blueprint) -> None:
    """Let this blueprint's answers be read by whom they concern, preflights' too."""
    blueprint.after_request(_allow)


def guard_lost(blueprint: Blueprint) -> None:
    """The same below the blueprint's address where no route of any blueprint answers."""

    @blueprint.after_app_request
    def allow(response: Response) -> Response:
        is_lost = request.blueprint is None and request.path.startswith(f"{blueprint.url_prefix}/")
        return _allow(response) if is_lost else response


def asking_site() -> KnownSite:
    """The site whose page asks, where nothing else says which. Raises BadOrigin."""
    try:
        site = directory.of_url(_origin())
    except (BadUrl, UnknownSite) as stranger:
        g.allowed_origin = ANYBODY
        raise BadOrigin(stranger.detail) from None
    require_origin(site)
    return site


def require_origin(site: KnownSite) -> None:
    """Refuse a write that comes from a page of another site, or not by https where the site takes
    nothing else. Raises BadOrigin."""
    origin = _origin()
    g.allowed_origin = ANYBODY
    if not directory.allows(site, origin):
        raise BadOrigin(
            _(
                "Pages of %(origin)s may not write here. "
                "Its owner can allow it with the command: %(command)s",
                origin=_spelled(origin),
                command=f"afterword sites add {_spelled(origin)} --to {site.key}",
            )
        )
    if site.options.https_only and not urls.origin_of(origin).startswith("https:"):
        raise BadOrigin(_("This page came by http. Open it by https to write here."))
    g.allowed_origin = origin


def target(comment_id: str) -> Comment:
    """The comment that a write is about, when its page may write. Raises NotFound, BadOrigin."""
    comment = targets.find(comment_id)
    require_origin(directory.by_id(comment.site_id))
    return comment


def reader() -> Reader:
    """Who sends this request, as far as it says."""
    return Reader(
        token=authors.secret(request.headers.get("Authorization")),
        sender=sender(),
    )


def sender() -> Sender:
    """What the connection says of who sends this request. The widget solves challenges."""
    agent = request.user_agent.string
    return Sender(
        address=limits.client_address(), agent=agent, can_solve=True, may_mail=limits.may_mail
    )


def _allow(response: Response) -> Response:
    headers = response.headers
    if request.method == "OPTIONS":  # Flask's own answer, made a preflight's
        headers.extend(_PREFLIGHT)
    is_read = request.method in {"GET", "HEAD"}
    headers["Access-Control-Allow-Origin"] = ANYBODY if is_read else _allowed_origin()
    headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    if not is_read:
        headers.add("Vary", "Origin")
    return response


def _allowed_origin() -> str:
    """The origin of a site's page, whatever it is answered; to others what they may read."""
    if "allowed_origin" not in g:
        g.allowed_origin = ANYBODY
        with contextlib.suppress(Problem, *UNREACHABLE):
            directory.of_url(origin := request.headers.get("Origin", ""))
            g.allowed_origin = origin
    return str(g.allowed_origin)


def _origin() -> str:
    origin = request.headers.get("Origin")
    if origin is None:
        raise BadOrigin(_("A comment is sent from a page: the request has no Origin."))
    return origin


def _spelled(origin: str) -> str:
    try:
        return urls.origin_of(origin)
    except BadUrl:
        return "this address"
