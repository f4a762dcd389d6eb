"""How the desk spells out what a comment holds: filters of its templates."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup, escape

from afterword.core import clock
from afterword.markup import links, plain, signs
from afterword.web.admin import admin

EXCERPT = 140


@admin.app_template_filter("moment")
def moment(when: dt.datetime) -> str:
    """A time in words, for browsers without the script that turns it into the reader's own."""
    when = when.astimezone(clock.UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


@admin.app_template_filter("stamp")
def stamp(when: dt.datetime) -> str:
    """A time as ``<time datetime>`` wants it."""
    return clock.text(when)


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
    return f"{date.day} {date:%b %Y}"


@admin.app_template_filter("duration")
def duration(length: dt.timedelta) -> str:
    """A length of time in words, as exact as it is of use."""
    minutes = length.total_seconds() / 60
    for size, name in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            many = round(minutes / size, 1 if minutes < 10 * size and size > 1 else None)
            return f"{many:g} {name}{'' if many == 1 else 's'}"
    return "under a minute"


@admin.app_template_filter("bytes")
def in_bytes(size: int) -> str:
    """A number of bytes in words."""
    for exponent, name in ((3, "GB"), (2, "MB"), (1, "kB")):
        if size >= 1000**exponent:
            return f"{size / 1000**exponent:.{1 if exponent == 3 else 0}f} {name}"
    return f"{size} bytes"
