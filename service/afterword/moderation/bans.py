"""Who may not write: a browser, an e-mail address or domain, a network; for a time or for good."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select

from afterword.core import addresses, clock, signing, urls
from afterword.core.config import Network
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, BadUrl, NotFound, Problem
from afterword.markup import plain
from afterword.moderation import audit
from afterword.moderation.models import Ban, BanKind
from afterword.moderation.scope import Scope, within
from afterword.spam.traces import Trace
from afterword.threads.models import Comment

_ERASED = "erased:"
LONGEST_OF_NETWORKS = 30  # days: then nobody knows any more which network it was


@dataclass(frozen=True, kw_only=True)
class Who:
    """What is known of someone who wants to write, or wrote."""

    site_id: int
    author_id: str | None = None
    email: str | None = None
    networks: Sequence[str] = field(default=())
    address: str | None = None


class Target(NamedTuple):
    """Whom a ban is about."""

    kind: BanKind
    value: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Who bans, for how many days (none: for good), where (no site: everywhere), and why."""

    by: str
    days: int | None = None
    site_id: int | None = None
    note: str = ""


def read(written: str) -> Target:
    """What an owner typed: an e-mail address, a domain (``@`` before it or not), a range (CIDR).

    Raises BadRequest.
    """
    text = written.strip().lower()
    if "/" in text or text.replace(".", "").isdigit() or ":" in text:
        return Target(BanKind.RANGE, _range(text))
    try:
        if text.rpartition("@")[0]:
            return Target(BanKind.EMAIL, plain.email(text) or "")
        domain = urls.host(text.removeprefix("@"))
    except (BadUrl, Problem):
        raise _unclear() from None
    if "." not in domain:
        raise _unclear()
    return Target(BanKind.DOMAIN, domain)


def add(target: Target, terms: Terms) -> Ban:
    """Ban someone. Who is banned already is so by the new terms."""
    with transaction():
        return _add(target, terms)


def add_author(comment_id: str, kinds: Iterable[BanKind], terms: Terms) -> list[Ban]:
    """Ban the author of a comment on its site, by what is ``known`` of them. Raises NotFound."""
    wanted = set(kinds)
    with transaction():
        comment = db.session.get(Comment, comment_id)
        if comment is None:
            raise NotFound(f"There is no comment {comment_id}.")
        here = replace(terms, site_id=comment.site_id, note=terms.note or comment.name)
        return [
            _add(Target(kind, value), here, comment=comment)
            for kind, value in known(comment).items()
            if kind in wanted
        ]


def known(comment: Comment) -> dict[BanKind, str]:
    """By what the author of a comment can be banned."""
    trace = db.session.get(Trace, comment.id)
    found = {
        BanKind.AUTHOR: comment.author_id,
        BanKind.EMAIL: comment.email,
        BanKind.NETWORK: trace.network if trace else None,
    }
    return {kind: value for kind, value in found.items() if value}


def lift(ban_id: int, *, by: str) -> Ban:
    """End a ban. Raises NotFound."""
    with transaction() as session:
        ban = by_id(ban_id)
        session.delete(ban)
        audit.note("unban", by=by, note=describe(ban), site_id=ban.site_id)
    return ban


def every(site_id: int | None = None) -> list[Ban]:
    """The bans that hold now, newest first; of one site with those of all when it is said."""
    rows = select(Ban).where(_holds(clock.now())).order_by(Ban.id.desc())
    if site_id is not None:
        rows = rows.where(or_(Ban.site_id.is_(None), Ban.site_id == site_id))
    return list(db.session.scalars(rows))


def of_sites(sites: Scope) -> list[Ban]:
    """The bans that hold on these sites alone, newest first; with all others when it is every."""
    rows = select(Ban).where(_holds(clock.now()), *within(Ban.site_id, sites))
    return list(db.session.scalars(rows.order_by(Ban.id.desc())))


def by_id(ban_id: int) -> Ban:
    """One ban. Raises NotFound."""
    ban = db.session.get(Ban, ban_id)
    if ban is None:
        raise NotFound(f"There is no ban {ban_id}.")
    return ban


def of_comment(comment: Comment) -> list[Ban]:
    """The bans that the author of a comment is under."""
    found = known(comment)
    who = Who(
        site_id=comment.site_id,
        author_id=comment.author_id,
        email=comment.email,
        networks=[found[BanKind.NETWORK]] if BanKind.NETWORK in found else [],
    )
    return _matching(who)


def find(who: Who) -> Ban | None:
    """The ban that someone is under, the longest of several."""
    found = _matching(who)
    return max(found, key=lambda ban: (ban.expires is None, ban.expires), default=None)


def describe(ban: Ban) -> str:
    """A ban in words for the owner."""
    what = {
        BanKind.AUTHOR: "Browser",
        BanKind.EMAIL: "An erased address" if ban.value.startswith(_ERASED) else ban.value,
        BanKind.DOMAIN: f"Addresses at {ban.value}",
        BanKind.NETWORK: "Network",
        BanKind.RANGE: ban.value,
    }[ban.kind]
    return f"{what} {until(ban)}"


def pseudonym(email: str) -> str:
    """What a ban of an address goes by once its owner had it erased: still found, not readable."""
    return _ERASED + signing.keyed("ban", "", email)


def until(ban: Ban) -> str:
    """How long a ban holds."""
    if ban.expires is None:
        return "for good"
    return f"until {ban.expires.day} {ban.expires:%B %Y}"


def told(ban: Ban) -> str:
    """What somebody who is banned is told."""
    return f"You may not write here{'' if ban.expires is None else ' ' + until(ban)}."


def _matching(who: Who) -> list[Ban]:
    rows = select(Ban).where(
        or_(Ban.site_id.is_(None), Ban.site_id == who.site_id),
        _holds(clock.now()),
        or_(*_marks(who)),
    )
    return [ban for ban in db.session.scalars(rows) if _is_under(ban, who.address)]


def _marks(who: Who) -> list[ColumnElement[bool]]:
    """By what someone may be banned, each a look-up in the index."""
    values: dict[BanKind, Sequence[str]] = {
        BanKind.AUTHOR: [who.author_id] if who.author_id else [],
        BanKind.EMAIL: [who.email, pseudonym(who.email)] if who.email else [],
        BanKind.DOMAIN: _domains(who.email) if who.email else [],
        BanKind.NETWORK: who.networks,
    }
    marks = [and_(Ban.kind == kind, Ban.value.in_(of)) for kind, of in values.items() if of]
    return [*marks, Ban.kind == BanKind.RANGE]


def _domains(email: str) -> list[str]:
    """The domain of an address and all above it."""
    labels = email.rpartition("@")[2].split(".")
    return [".".join(labels[at:]) for at in range(len(labels) - 1)]


def _is_under(ban: Ban, address: str | None) -> bool:
    if ban.kind is not BanKind.RANGE:
        return True
    known, held = addresses.parse(address or ""), _network(ban.value)
    return known is not None and known.version == held.version and known in held


@lru_cache(maxsize=1024)
def _network(value: str) -> Network:
    return ipaddress.ip_network(value)


def _holds(now: dt.datetime) -> ColumnElement[bool]:
    return or_(Ban.expires.is_(None), Ban.expires > now)


def _add(target: Target, terms: Terms, *, comment: Comment | None = None) -> Ban:
    now = clock.now()
    _forget_ended(now)
    where = Ban.site_id.is_(None) if terms.site_id is None else Ban.site_id == terms.site_id
    ban = db.session.scalar(
        select(Ban).where(Ban.kind == target.kind, Ban.value == target.value, where)
    )
    if ban is None:
        ban = Ban(kind=target.kind, value=target.value, site_id=terms.site_id)
        db.session.add(ban)
    ban.by, ban.note, ban.created = terms.by, terms.note[:200], now
    ban.expires = _end(target.kind, now, terms.days)
    db.session.flush()
    audit.note("ban", by=terms.by, note=describe(ban), site_id=terms.site_id, comment=comment)
    return ban


def _end(kind: BanKind, now: dt.datetime, days: int | None) -> dt.datetime | None:
    if kind is BanKind.NETWORK:
        days = min(days or LONGEST_OF_NETWORKS, LONGEST_OF_NETWORKS)
    return now + dt.timedelta(days=days) if days else None


def _forget_ended(now: dt.datetime) -> None:
    db.session.execute(
        delete(Ban).where(Ban.expires < now).execution_options(synchronize_session=False)
    )


def _range(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _unclear() from None
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise BadRequest("This range holds a large part of all networks.", field="who")
    return str(network)


def _unclear() -> BadRequest:
    return BadRequest(
        "Say an e-mail address (bob@spam.example), a domain of addresses (spam.example) or a range "
        "of network addresses (203.0.113.0/24).",
        field="who",
    )
