"""Sites as owners change them: each change with its line in the log, and a way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterword.core.db import db, transaction
from afterword.core.errors import Problem
from afterword.moderation import audit
from afterword.moderation.models import Act
from afterword.sites import changes, directory, options
from afterword.sites.directory import KnownSite
from afterword.sites.models import Site

LONGEST_SAID = 60  # characters of an option that the log quotes; of a longer one it says the name


def add(origin: str, *, by: str, to: int | None = None, name: str = "") -> KnownSite:
    """Allow an origin, as ``changes.add`` does."""
    with transaction() as session:
        added = changes.add_within(origin, to=to, name=name)
        session.flush()
        if added is not None:
            verb = "allow" if to else "add site"
            act = audit.note(verb, by=by, note=added.origin, site_id=added.site_id)
            if to:
                _keep_origin(act, added.origin, is_allowed=False)
    directory.forget()
    return directory.of_url(origin)


def drop_origin(site_id: int, origin: str, *, by: str) -> None:
    """Stop allowing an origin, as ``changes.drop_origin`` does."""
    with transaction():
        dropped = changes.drop_within(site_id, origin)
        if dropped is not None:
            act = audit.note("disallow", by=by, note=dropped.origin, site_id=site_id)
            _keep_origin(act, dropped.origin, is_allowed=True)
    directory.forget()


def choose(site_id: int, written: Mapping[str, str], *, by: str, why: str = "") -> KnownSite:
    """Change options, as ``changes.choose`` does. ``why`` comes first in the log."""
    with transaction():
        before = dict(changes.find_within(site_id).options)
        site = changes.choose_within(site_id, written)
        changed = _differing(before, site.options)
        if changed:
            said = "; ".join(_said(name, before, site.options) for name in changed)
            act = audit.note("configure", by=by, note=f"{why}{said}", site_id=site_id)
            _keep_options(act, site, {name: before.get(name) for name in changed})
    directory.forget()
    return directory.by_id(site_id)


def take_back(act: Act, *, by: str) -> bool:
    """Have a site as it was before an act. Inside a transaction; forget the directory after it."""
    site = db.session.get(Site, act.site_id) if act.site_id else None
    if site is None or act.before is None:
        return False
    if "options" in act.before:
        _choose_again(site, act.before["options"])
    elif not _allow_again(site, **act.before):
        return False
    audit.note("undo", by=by, note=act.note, site_id=site.id).subject = act.subject
    return True


def _choose_again(site: Site, before: Mapping[str, Any]) -> None:
    kept = {name: value for name, value in site.options.items() if name not in before}
    site.options = {**kept, **{name: value for name, value in before.items() if value is not None}}
    site.version += 1


def _allow_again(site: Site, origin: str, *, is_allowed: bool) -> bool:
    try:
        if is_allowed:
            return changes.add_within(origin, to=site.id) is not None
        return changes.drop_within(site.id, origin) is not None
    except Problem:  # it is the last one by now
        return False


def _keep_origin(act: Act, origin: str, *, is_allowed: bool) -> None:
    act.subject = f"addresses:{act.site_id}"
    act.before = {"origin": origin, "is_allowed": is_allowed}


def _keep_options(act: Act, site: Site, before: dict[str, Any]) -> None:
    """What is secret is kept nowhere else: an undo leaves it as it is."""
    kept = {name: value for name, value in before.items() if name not in options.SECRET}
    if kept:
        act.subject, act.before = f"site:{site.id}", {"options": kept}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in options.names() if before.get(name) != after.get(name)]


def _said(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if name in options.SECRET:
        return f"{name} {'set' if after.get(name) else 'removed'}"
    now, then = (options.written(options.of(held))[name] for held in (after, before))
    if len(now) + len(then) > LONGEST_SAID or "\n" in now + then:
        return f"{name} changed"
    return f"{name}={now} (was {then})" if then else f"{name}={now}"
