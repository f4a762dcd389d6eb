"""A stranger under the name of a moderator or of the site, or one that looks like it."""

from __future__ import annotations

import re

from afterword.core.i18n import stored
from afterword.markup import letters
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

# What a stranger may put beside a name to look official.
_TITLE = re.compile(r"\b(?:admin(?:istrator)?|author|mod(?:erator)?|official|owner|team|staff)\b")


def impersonation(draft: Draft, context: Context) -> Verdict:
    """Hold it. A known author may bear a moderator's name: the owner has approved it."""
    if not draft.name or context.is_known or draft.is_staff:
        return PASS
    seen = {letters.skeleton(draft.name), letters.skeleton(_TITLE.sub("", draft.name.casefold()))}
    for name in context.names:
        if letters.skeleton(name) in seen - {""}:
            return Verdict(Level.HOLD, _reason(draft.name, name), 0.5)
    return PASS


def _reason(written: str, name: str) -> str:
    if written.casefold() == name.casefold():
        return stored(
            "reason",
            "Its author bears the name %(name)s but is not logged in as a moderator.",
            name=name,
        )
    return stored(
        "reason", "The name %(written)s can be taken for %(name)s.", written=written, name=name
    )
