"""All checks over one draft: the strictest voice wins, so they need no order and no scores."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from afterword.core import registry
from afterword.spam.verdict import Check, Context, Level, Verdict
from afterword.threads.draft import Draft

CHECKS = {
    "ban": "afterword.spam.checks.ban:ban",
    "honeypot": "afterword.spam.checks.honeypot:honeypot",
    "form": "afterword.spam.checks.form:form",
    "burst": "afterword.spam.checks.burst:burst",
    "duplicate": "afterword.spam.checks.duplicate:duplicate",
    "links": "afterword.spam.checks.links:links",
    "words": "afterword.spam.checks.words:words",
    "scripts": "afterword.spam.checks.scripts:scripts",
    "impersonation": "afterword.spam.checks.impersonation:impersonation",
    "learned": "afterword.spam.checks.learned:learned",
}
# Those that ask somebody else, see ``ask``: each with the options without which it asks nobody.
ASKED = {
    "akismet": "afterword.spam.checks.akismet:akismet",
    "hook": "afterword.spam.checks.hook:hook",
}
NEEDS = {"akismet": ("akismet_key",), "hook": ("hook_url", "hook_secret")}
MANY_SMALL = "Several small things together make it suspicious."
CHALLENGED_FROM = 0.5  # of suspicion, where no check has anything to hold it for
# Switched off together by AFTERWORD_FORM_CHECKS=off, for load tests and scripts.
FORM_CHECKS = frozenset({"honeypot", "form", "burst", "duplicate"})
# An edit comes from no form, and its author wrote nothing more.
NOT_OF_EDITS = frozenset({"honeypot", "form", "burst"})


@dataclass(frozen=True)
class Assessment:
    """The strictest level, every reason for it, and what the suspicions make together (0 to 1)."""

    level: Level
    reasons: tuple[str, ...]
    suspicion: float = 0.0


def assess(
    draft: Draft, context: Context, *, with_form: bool = True, is_edit: bool = False
) -> Assessment:
    """Ask every check. A moderator's own comment is not suspected."""
    if draft.is_moderator:
        return Assessment(Level.PASS, ())
    left_out = set() if with_form else set(FORM_CHECKS)
    left_out |= NOT_OF_EDITS if is_edit else set()
    verdicts = [_check(name)(draft, context) for name in CHECKS if name not in left_out]
    # As if each were an independent chance that it is spam: the doubts of all are multiplied.
    suspicion = 1 - math.prod(1 - verdict.suspicion for verdict in verdicts)
    if with_form and suspicion >= CHALLENGED_FROM:
        verdicts.append(Verdict(Level.CHALLENGE))
    level = max((verdict.level for verdict in verdicts), default=Level.PASS)
    reasons = tuple(verdict.reason for verdict in verdicts if verdict.reason)
    return Assessment(level, reasons or _unnamed(level), suspicion)


def add(assessment: Assessment, verdicts: Iterable[Verdict]) -> Assessment:
    """An assessment with what was said afterwards; again the strictest voice wins."""
    heard = list(verdicts)
    doubt = math.prod((1 - verdict.suspicion for verdict in heard), start=1 - assessment.suspicion)
    return Assessment(
        max([assessment.level, *(verdict.level for verdict in heard)]),
        (*assessment.reasons, *(verdict.reason for verdict in heard if verdict.reason)),
        1 - doubt,
    )


def _unnamed(level: Level) -> tuple[str, ...]:
    return (MANY_SMALL,) if level is Level.CHALLENGE else ()


def _check(name: str) -> Check:
    check: Check = registry.load(CHECKS[name])
    return check
