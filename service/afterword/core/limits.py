"""Limits on what costs us something, per client. Counted by Flask-Limiter, shared through Redis."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded
from limits.storage.memory import Entry, MemoryStorage

from afterword.core import addresses, config, metrics, redis, signing
from afterword.core.config import Settings
from afterword.core.errors import RateLimited
from afterword.core.i18n import _

log = logging.getLogger("afterword.limits")

LOG_INS = "5 per minute; 30 per hour"
PREVIEWS = "30 per minute"
CHANGES = "20 per minute; 120 per hour"
VOTES = "60 per minute; 600 per hour"
# Mails to addresses that somebody typed: by one client, by its whole neighbourhood, where somebody
# may have thousands of networks, and by everybody together.
LETTERS = "3 per hour"
LETTERS_NEARBY = "20 per hour"
ALL_LETTERS = "200 per hour"
# Codes and tokens that are shown to sign in, right or wrong.
SIGN_INS = "20 per minute; 60 per hour"
# Webmentions: by one client, from pages of one place, and by everybody together. Each has us call.
MENTIONS = "30 per minute; 200 per hour"
MENTIONS_OF_PLACE = "100 per hour"
ALL_MENTIONS = "1000 per hour"
REPORTS = "10 per hour; 30 per day"
# New voters on one comment from one address. A household or an office votes as so many people do;
# nobody votes a hundred times by clearing the browser.
BALLOTS = "10 per day"


def start(app: Flask, settings: Settings) -> None:
    """Set the counters up: in Redis when it is configured, with memory to fall back on."""
    limiter = Limiter(
        _client,
        enabled=settings.rate_limits,
        storage_uri=redis.counted_at(settings.redis_url) or "memory://",
        storage_options=redis.patience() if settings.redis_url else {},
        strategy="moving-window",
        in_memory_fallback_enabled=bool(settings.redis_url),
        key_prefix="afterword",
    )
    # Not ``init_app(app)``: its hooks would cost every read a third of its time, and only the
    # writes below are counted, each when it is known to be no repeat of an earlier one.
    limiter.init_app(Flask("afterword.limits"))
    if settings.rate_limits and isinstance(limiter.storage, MemoryStorage):
        limiter.storage.events = _Windows()
    app.extensions["afterword.limiter"] = limiter
    app.extensions["afterword.proxies"] = set()  # those that were warned of
    app.extensions["afterword.limits"] = {
        "post": _counter(limiter, "post", settings.post_limit, _client),
        "author": _counter(limiter, "author", settings.post_limit, lambda: str(g.posts_as)),
        "page": _counter(limiter, "page", settings.page_limit, lambda: str(g.posts_on)),
        "site": _counter(limiter, "site", settings.site_limit, lambda: str(g.posts_to)),
        "preview": _counter(limiter, "preview", PREVIEWS, _client),
        "change": _counter(limiter, "change", CHANGES, _client),
        "vote": _counter(limiter, "vote", VOTES, _client),
        "report": _counter(limiter, "report", REPORTS, _client),
        "letter": _counter(limiter, "letter", LETTERS, _client),
        "letters-nearby": _counter(limiter, "letters-nearby", LETTERS_NEARBY, _neighbourhood),
        "letters": _counter(limiter, "letters", ALL_LETTERS, lambda: "everybody"),
        "ballot": _counter(limiter, "ballot", BALLOTS, lambda: _client(g.votes_on)),
        "sign-in": _counter(limiter, "sign-in", SIGN_INS, _client),
        "mention": _counter(limiter, "mention", MENTIONS, _client),
        "mentions-of": _counter(
            limiter, "mentions-of", MENTIONS_OF_PLACE, lambda: str(g.mentioned_by)
        ),
        "mentions": _counter(limiter, "mentions", ALL_MENTIONS, lambda: "everybody"),
        "log-in": _counter(limiter, "log-in", LOG_INS, _client),
    }


class _Windows(dict[str, list[Entry]]):
    """What each client did, by its pseudonym, for as long as it counts.

    limits 5.8 empties what counts no more, and no more than that: it would keep each pseudonym for
    ever, and look through all of them again and again.
    """

    def __setitem__(self, client: str, counted: list[Entry]) -> None:
        if counted:
            super().__setitem__(client, counted)
        else:
            self.pop(client, None)


def client_address() -> str:
    """The address of whoever asks, behind the proxies that we trust."""
    peer = request.remote_addr or ""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    address = addresses.client(peer, forwarded, trusted=config.current().trusted_proxies)
    if forwarded and address == peer and not addresses.is_of_internet(peer):
        _warn_of_proxy(peer)
    return address


def _warn_of_proxy(peer: str) -> None:
    """Say once that readers are lumped together. A peer of the Internet may be one who cheats."""
    warned: set[str] = current_app.extensions["afterword.proxies"]
    if warned:
        return
    warned.add(peer)
    log.warning(
        "%s says for whom it asks (X-Forwarded-For) and is not trusted, so all who come through it "
        "are limited as one. If it is your proxy, set AFTERWORD_TRUSTED_PROXIES=%s",
        peer,
        peer,
    )


def client_network() -> str:
    """What a client is told from others by."""
    return addresses.network(client_address())


def post(*, author: str | None, page: str, site: int) -> None:
    """Count a comment by this client, by its author (a secret), on its page and its site.

    One client's fill its own measure first, so that it alone cannot use up a page's. Raises
    RateLimited.
    """
    _count("post")
    if author is not None:
        g.posts_as = signing.digest(author)
        _count("author")
    g.posts_on, g.posts_to = f"{site} {page}", site
    _count("page")
    _count("site")


def preview() -> None:
    """Count a preview by this client. Raises RateLimited."""
    _count("preview")


def change() -> None:
    """Count a change by an author to a comment of theirs. Raises RateLimited."""
    _count("change")


def vote() -> None:
    """Count a vote or reaction by this client. Raises RateLimited."""
    _count("vote")


def report() -> None:
    """Count a report by this client. Raises RateLimited."""
    _count("report")


def letter() -> None:
    """Count a mail that this client causes, to an address that it typed. Raises RateLimited."""
    for name in ("letter", "letters-nearby", "letters"):
        _count(name)


def may_mail() -> bool:
    """The same for a mail that need not be: counts it, and answers whether it may go."""
    try:
        letter()
    except RateLimited:
        return False
    return True


def ballot(comment_id: str) -> None:
    """Count a new voter on this comment. Raises RateLimited.

    An address that is not the Internet's says nothing: all readers come from it where a proxy is
    in front that we were not told to trust.
    """
    if addresses.is_of_internet(client_address()):
        g.votes_on = comment_id
        _count("ballot")


def sign_in() -> None:
    """Count a try to sign in by this client, as whomever. Raises RateLimited."""
    _count("sign-in")


def mention(host: str) -> None:
    """Count a mention by this client, of a page at this host. Raises RateLimited."""
    g.mentioned_by = host
    for name in ("mention", "mentions-of", "mentions"):
        _count(name)


def log_in() -> None:
    """Count a try to log in by this client, for whichever account. Raises RateLimited."""
    _count("log-in")


def _counter(
    limiter: Limiter, name: str, limits: str, whom: Callable[[], str]
) -> Callable[[], None]:
    def count() -> None:
        """Counted by being called."""

    count.__name__ = count.__qualname__ = f"count_{name}"  # Flask-Limiter tells them apart by it
    counted: Callable[[], None] = limiter.shared_limit(limits, scope=name, key_func=whom)(count)
    return counted


def _count(name: str) -> None:
    try:
        _ask(current_app.extensions["afterword.limits"][name])
    except RateLimitExceeded:
        if (counted := metrics.current()) is not None:
            counted.limited(name)
        raise RateLimited(
            _("That was a lot in a short time. Please wait a moment and try again."),
            retry_after=_wait(current_app.extensions["afterword.limiter"]),
        ) from None


def _client(on: str = "") -> str:
    """A pseudonym of the client, another one for each thing that it is counted on.

    Counters may be kept in Redis: nobody is to read there who voted for what.
    """
    return signing.keyed("limits", on, client_network())


def _neighbourhood() -> str:
    """A pseudonym of the /24 that a client comes from, or the /48."""
    address = client_address()
    return signing.keyed("limits", "nearby", addresses.prefix(address) or address)


def _ask(count: Callable[[], None]) -> None:
    try:
        count()
    except RateLimitExceeded:
        raise
    except Exception:  # what it is hangs on where it is counted
        # Redis hung while several waited for it. By the first of them Flask-Limiter learns that it
        # has to count here, and lets the others fail: they ask once more.
        count()


def _wait(limiter: Limiter) -> int:
    limit = limiter.current_limit
    return max(1, round(limit.reset_at - time.time())) if limit else 60
