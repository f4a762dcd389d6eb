"""How the desk spells out what a comment holds: filters of its templates."""

from __future__ import annotations

import datetime as dt
import re

from markupsafe import Markup, escape

from afterword.core import clock, i18n
from afterword.core.i18n import N_, NC_, _, n_, ngettext, pgettext
from afterword.markup import links, plain, signs
from afterword.moderation import actions, index
from afterword.moderation.models import Reason
from afterword.threads.models import Comment, State
from afterword.web.admin import admin

EXCERPT = 140
_VALUE = re.compile(r"%\((\w+)\)s")
SHELVES = {
    State.PENDING: NC_("state", "Pending"),
    State.VISIBLE: NC_("state", "Visible"),
    State.SPAM: NC_("state", "Spam"),
    State.REMOVED: NC_("state", "Removed"),
}
REASONS = {
    Reason.SPAM: N_("Spam"),
    Reason.ABUSE: N_("Abuse"),
    Reason.OFF_TOPIC: N_("Off topic"),
    Reason.OTHER: N_("Other"),
}
IN_STATE = {
    State.PENDING: n_("%(n)s pending", "%(n)s pending"),
    State.VISIBLE: n_("%(n)s visible", "%(n)s visible"),
    State.SPAM: n_("%(n)s spam", "%(n)s spam"),
    State.REMOVED: n_("%(n)s removed", "%(n)s removed"),
}


@admin.app_template_filter("moment")
def moment(when: dt.datetime) -> str:
    """A time in words, for browsers without the script that turns it into the reader's own."""
    return i18n.moment(when, length="medium")


@admin.app_template_filter("stamp")
def stamp(when: dt.datetime) -> str:
    """A time as ``<time datetime>`` wants it."""
    return clock.text(when)


@admin.app_template_filter("as_seen")
def as_seen(comment: Comment) -> str:
    """What a form says of how a comment reads that somebody decides over."""
    return actions.as_seen(comment)


@admin.app_template_filter("excerpt")
def excerpt(html: str) -> str:
    """The first words of a comment."""
    return plain.excerpt(html, EXCERPT)


@admin.app_template_filter("revealed")
def revealed(text: str) -> Markup:
    """What somebody wrote, with a mark where there is what nobody would see. HTML comes as safe."""
    return Markup(signs.reveal(str(escape(text))))  # noqa: S704 - escaped, or a comment's HTML


@admin.app_template_filter("spelled")
def spelled(link: str) -> str:
    """An address in letters that do not deceive."""
    return links.shown(link)


@admin.app_template_filter("targets")
def targets(html: str) -> list[str]:
    """Where the links of a comment lead, each once: their words may say anything."""
    return [
        links.shown(target) for target in dict.fromkeys(one.target for one in links.within(html))
    ]


@admin.app_template_filter("date")
def in_words(date: dt.date) -> str:
    """A day in words."""
    return i18n.day(date, length="medium")


@admin.app_template_filter("duration")
def duration(length: dt.timedelta) -> str:
    """A length of time in words, as exact as it is of use."""
    minutes = length.total_seconds() / 60
    for size, name in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            many = round(minutes / size, 1 if minutes < 10 * size and size > 1 else None)
            return i18n.unit(many, name)
    return _("under a minute")


@admin.app_template_filter("bytes")
def in_bytes(size: int) -> str:
    """A number of bytes in words."""
    for exponent, name in ((3, "gigabyte"), (2, "megabyte"), (1, "kilobyte")):
        if size >= 1000**exponent:
            many = round(size / 1000**exponent, 1 if exponent == 3 else None)
            return i18n.unit(many, f"digital-{name}", length="short")
    return i18n.unit(size, "digital-byte")


@admin.app_template_filter("capital")
def capital(words: str) -> str:
    """Words with which a line begins. What has a capital elsewhere, a German noun say, keeps it."""
    return words[:1].upper() + words[1:]


@admin.app_template_filter("shelf")
def shelf(state: str) -> str:
    """A state as the name of what lies there."""
    return pgettext("state", SHELVES[State(state)])


@admin.app_template_filter("in_state")
def in_state(count: int, state: State) -> str:
    """So many comments in a state: 3 visible."""
    return ngettext(*IN_STATE[state], count)


@admin.app_template_filter("report_reason")
def report_reason(reason: Reason) -> str:
    """Why a reader reported a comment."""
    return _(REASONS[reason])


@admin.app_template_filter("reason")
def reason(stored: str) -> str:
    """Why a comment waits, as it was noted when it came."""
    return i18n.retold("reason", stored)


@admin.app_template_filter("kind_in_words")
def kind_in_words(kind: str) -> str:
    """What reasons of a kind have in common: ``index.kind`` of one, in the moderator's language."""
    said = i18n.retold("reason", kind)
    if said != kind:
        return said
    for message in i18n.stored_messages("reason"):
        names = _VALUE.findall(message)
        if index.kind(message % dict.fromkeys(names, "1")) == kind:
            return pgettext("reason", message, **dict.fromkeys(names, "…"))
    return kind
