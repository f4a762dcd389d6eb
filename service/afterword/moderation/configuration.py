"""All that an owner chose for a site, as one file to keep, to compare and to bring in elsewhere.

Secrets are never in it, nor the addresses to which comments are sent: a file from elsewhere could
send them to whoever wrote it. Those of the site stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from afterword.core import clock
from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import _
from afterword.moderation import audit, bans, sites
from afterword.moderation.bans import Target, Terms
from afterword.moderation.models import Act, Ban, BanKind
from afterword.sites import options
from afterword.sites.directory import KnownSite
from afterword.sites.options import Options, WrongOption

VERSION: Final = 1
LONGEST: Final = 60_000  # characters
MOST_BANS: Final = 1000
WHY: Final = "from a file: "
# Browsers and networks are known here alone, by names that mean nothing elsewhere.
KINDS: Final = (BanKind.EMAIL, BanKind.DOMAIN, BanKind.RANGE)


@dataclass(frozen=True)
class Change:
    """One choice that would be another."""

    name: str
    now: str
    then: str


@dataclass(frozen=True)
class Plan:
    """What a file would change: choices, and bans that are not there yet."""

    written: dict[str, str]
    changes: list[Change]
    bans: list[tuple[Target, str]]  # with why

    @property
    def is_empty(self) -> bool:
        """Whether all is so already."""
        return not self.changes and not self.bans


def write(site: KnownSite) -> str:
    """The configuration of a site, with its own bans that have no end."""
    said = {
        "afterword_configuration": VERSION,
        "site": site.key,
        "at": clock.text(clock.now()),
        "options": _differing(site.options),
        "bans": [
            {"who": ban.value, "why": ban.note} for ban in reversed(_lasting(site)) if _said(ban)
        ],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def look(site: KnownSite, text: str) -> Plan:
    """What a file would change; nothing is changed yet. Raises BadRequest, which says where."""
    said = _read(text)
    written = _written(said.get("options", {}))
    present = options.portable(site.options)
    changes = [
        Change(name, present[name], then) for name, then in written.items() if then != present[name]
    ]
    there = {(ban.kind, ban.value) for ban in _lasting(site)}
    wanted = _bans(said.get("bans", []))
    return Plan(written, changes, [one for one in wanted if tuple(one[0]) not in there])


def bring_in(site: KnownSite, text: str, *, by: str) -> list[Act]:
    """Do what ``look`` says; answers the acts, which can be taken back. Raises BadRequest."""
    plan = look(site, text)
    subjects = []
    if plan.changes:
        sites.choose(site.id, plan.written, by=by, why=WHY)
        subjects.append(f"site:{site.id}")
    for target, why in plan.bans:
        ban = bans.add(target, Terms(by=by, site_id=site.id, note=why))
        subjects.append(f"ban:{ban.id}")
    return sorted(audit.newest_about(subjects), key=lambda act: act.id)


def _differing(chosen: Options) -> dict[str, str]:
    """What is not as it would be without a choice: that is what a reader of the file looks for."""
    usual = options.portable(Options())
    return {name: text for name, text in options.portable(chosen).items() if text != usual[name]}


def _lasting(site: KnownSite) -> list[Ban]:
    found = bans.of_sites(frozenset({site.id}))
    return [ban for ban in found if ban.expires is None and ban.kind in KINDS]


def _said(ban: Ban) -> bool:
    """Whether a ban can be said in words: that of an erased address cannot."""
    try:
        return bans.read(ban.value) == (ban.kind, ban.value)
    except Problem:
        return False


def _read(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST:
        raise BadRequest(
            _("A configuration has at most %(most)s characters.", most=f"{LONGEST:,}"), field="text"
        )
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise BadRequest(_("This is no JSON (line %(line)s).", line=line), field="text") from None
    if not isinstance(said, dict) or said.get("afterword_configuration") != VERSION:
        raise BadRequest(
            _('This is no configuration: it has no "afterword_configuration": %(n)s.', n=VERSION),
            field="text",
        )
    unknown = set(said) - {"afterword_configuration", "site", "at", "options", "bans"}
    if unknown:
        raise BadRequest(
            _("There is no part “%(part)s” of it.", part=sorted(unknown)[0][:40]), field="text"
        )
    return said


def _written(said: Any) -> dict[str, str]:
    """Every choice as the file has it, one that it leaves out as it is without a choice."""
    is_text = isinstance(said, dict) and all(isinstance(text, str) for text in said.values())
    if not is_text:
        raise BadRequest(_('"options" must be names and texts.'), field="text")
    kept = sorted(set(said) & options.STAYING)
    if kept:
        raise BadRequest(
            _("%(option)s is set at the site alone, never by a file.", option=kept[0]), field="text"
        )
    try:
        chosen = options.of(options.change({}, said))
    except WrongOption as error:
        raise BadRequest(str(error), field="text") from None
    return options.portable(chosen)


def _bans(said: Any) -> list[tuple[Target, str]]:
    if not isinstance(said, list) or len(said) > MOST_BANS:
        raise BadRequest(
            _('"bans" must be a list of at most %(most)s.', most=f"{MOST_BANS:,}"), field="text"
        )
    return [_ban(number, one) for number, one in enumerate(said, 1)]


def _ban(number: int, said: Any) -> tuple[Target, str]:
    who = said.get("who") if isinstance(said, dict) else None
    why = said.get("why", "") if isinstance(said, dict) else None
    if not isinstance(who, str) or not isinstance(why, str) or len(why) > 200 or "\0" in why:
        raise BadRequest(
            _('Ban %(number)s needs "who", and may have "why".', number=number), field="text"
        )
    try:
        return bans.read(who), why
    except Problem as problem:
        raise BadRequest(
            _("Ban %(number)s: %(why)s", number=number, why=problem.detail), field="text"
        ) from None
