"""How the desk spells out what a comment holds: filters of its templates."""

from __future__ import annotations

import datetime as dt

from afterword.core import clock
from afterword.markup import links, plain
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
