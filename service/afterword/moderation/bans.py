"""Who may not write: a browser, an e-mail address or domain, a network; for a time or for good."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from afterword.core import addresses, clock, i18n, signing, urls
from afterword.core.config import Network
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, BadUrl, NotFound, Problem
from afterword.core.i18n import _
from afterword.markup import plain
from afterword.moderation import audit
from afterword.moderation.models import Act, Ban, BanKind
from afterword.moderation.scope import Scope, within
from afterword.spam.traces import Trace
from afterword.threads.models import Comment

SHOWN = 50
_ERASED = "erased:"
LONGEST_OF_NETWORKS = dt.timedelta(days=30)  # then nobody knows any more which network it was
_UNDO_FOR = dt.timedelta(days=30)  # so long a ban that was ended can be put back as it was


@dataclass(frozen=True, kw_only=True)
class Who:
    """What is known of someone who wants to write, or wrote."""

    site_id: int
    author_id: str | None = None
    email: str | None = None
    networks: Sequence[str] = field(default=())
    address: str | None = None


class Found(NamedTuple):
    """Bans, and where the next page of them begins."""

    bans: list[Ban]
    next: int | None


class Target(NamedTuple):
    """Whom a ban is about."""

    kind: BanKind
    value: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Who bans, for how long (neither: for good), where (no site: everywhere), and why."""

    by: str
    days: int | None = None
    hours: int | None = None
    site_id: int | None = None
    note: str = ""

    @property
    def length(self) -> dt.timedelta | None:
        """How long it is to hold; None for good."""
        if self.days is None and self.hours is None:
            return None
        return dt.timedelta(days=self.days or 0, hours=self.hours or 0)


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
            raise NotFound(_("There is no comment %(comment_id)s.", comment_id=comment_id))
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
        BanKind.DOMAIN: (comment.email or "").rpartition("@")[2],
        BanKind.NETWORK: trace.network if trace else None,
    }
    return {kind: value for kind, value in found.items() if value}


def lift(ban_id: int, *, by: str) -> Ban:
    """End a ban, answering it as it was. Raises NotFound."""
    with transaction() as session:
        ban = by_id(ban_id)
        act = audit.note("unban", by=by, note=describe(ban), site_id=ban.site_id)
        _keep(act, ban.id, held=True, expires=ban.expires)
        session.flush()
        session.expunge(ban)  # whoever asked reads what held
        _change(ban.id, expires=clock.now())
    return ban


def take_back(act: Act, *, by: str) -> bool:
    """Let a ban hold, or not hold, as it did before it was made or ended. Inside a transaction."""
    ban = db.session.get(Ban, int((act.subject or "").partition(":")[2]), populate_existing=True)
    if ban is None or act.before is None:
        return False
    audit.note("undo", by=by, note=describe(ban), site_id=ban.site_id).subject = act.subject
    ends = act.before["expires"]
    held = clock.parse(ends) if ends else None
    _change(ban.id, expires=held if act.before["held"] else clock.now())
    return True


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


def search(
    words: str = "", *, sites: Scope = None, after: int | None = None, limit: int = SHOWN
) -> Found:
    """A page of the same bans, of those that have these words in whom, why or by whom."""
    rows = select(Ban).where(_holds(clock.now()), *within(Ban.site_id, sites))
    rows = rows.where(Ban.id < after) if after is not None else rows.where(Ban.id > 0)
    if words:
        columns = (Ban.value, Ban.note, Ban.by)
        rows = rows.where(or_(*(one.icontains(words, autoescape=True) for one in columns)))
    found = list(db.session.scalars(rows.order_by(Ban.id.desc()).limit(limit + 1)))
    return Found(found[:limit], found[limit - 1].id if len(found) > limit else None)


def by_id(ban_id: int) -> Ban:
    """One ban that holds. Raises NotFound."""
    ban = db.session.scalar(select(Ban).where(Ban.id == ban_id, _holds(clock.now())))
    if ban is None:
        raise NotFound(_("There is no ban %(number)s.", number=str(ban_id)))
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
        BanKind.AUTHOR: _("Browser"),
        BanKind.EMAIL: _("An erased address") if ban.value.startswith(_ERASED) else ban.value,
        BanKind.DOMAIN: _("Addresses at %(domain)s", domain=ban.value),
        BanKind.NETWORK: _("Network"),
        BanKind.RANGE: ban.value,
    }[ban.kind]
    if ban.expires is None:
        return _("%(what)s for good", what=what)
    return _("%(what)s until %(day)s", what=what, day=_last(ban.created, ban.expires))


def pseudonym(email: str) -> str:
    """What a ban of an address goes by once its owner had it erased: still found, not readable."""
    return _ERASED + signing.keyed("ban", "", email)


def told(ban: Ban) -> str:
    """What somebody who is banned is told."""
    if ban.expires is None:
        return _("You may not write here.")
    return _("You may not write here until %(day)s.", day=_last(ban.created, ban.expires))


def _last(created: dt.datetime, expires: dt.datetime) -> str:
    """When a ban ends, with the time of day where that is soon."""
    is_short = expires - created < dt.timedelta(days=2)
    return i18n.moment(expires) if is_short else i18n.day(expires.date())


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
    is_new = ban.id is None
    before = None if is_new else ban.expires
    held = not is_new and (before is None or before > now)
    ban.by, ban.note, ban.created = terms.by, terms.note[:200], now
    ban.expires = _end(target.kind, now, terms.length)
    db.session.flush()
    act = audit.note("ban", by=terms.by, note=describe(ban), site_id=terms.site_id, comment=comment)
    _keep(act, ban.id, held=held, expires=before)
    return ban


def _keep(act: Act, ban_id: int, *, held: bool, expires: dt.datetime | None) -> None:
    act.subject = f"ban:{ban_id}"
    act.before = {"held": held, "expires": clock.text(expires) if expires else None}


def _change(ban_id: int, *, expires: dt.datetime | None) -> None:
    changed = update(Ban).where(Ban.id == ban_id).values(expires=expires)
    db.session.execute(changed.execution_options(synchronize_session=False))


def _end(kind: BanKind, now: dt.datetime, length: dt.timedelta | None) -> dt.datetime | None:
    if kind is BanKind.NETWORK:
        length = min(length or LONGEST_OF_NETWORKS, LONGEST_OF_NETWORKS)
    return now + length if length else None


def _forget_ended(now: dt.datetime) -> None:
    gone = delete(Ban).where(Ban.expires < now - _UNDO_FOR)
    db.session.execute(gone.execution_options(synchronize_session=False))


def _range(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _unclear() from None
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise BadRequest(_("This range holds a large part of all networks."), field="who")
    return str(network)


def _unclear() -> BadRequest:
    return BadRequest(
        _(
            "Say an e-mail address (bob@spam.example), a domain of addresses (spam.example) or a "
            "range of network addresses (203.0.113.0/24)."
        ),
        field="who",
    )
