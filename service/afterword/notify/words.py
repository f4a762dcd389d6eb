"""A visitor's words as a mail may hold them."""

from __future__ import annotations

import re
from typing import Final

from afterword.core.i18n import _
from afterword.markup import plain
from afterword.threads.models import Comment, Format

MOST: Final = 2000
# Mail programs make links of what looks like one. A click in a mail should lead to the page or to
# us: so an address is shown in a spelling that none of them takes for one.
_LINK: Final = re.compile(r"(?i)\b(?:([a-z][a-z0-9+.-]*):(?=//)|(www)\.)")


def of(comment: Comment) -> str:
    """The text of a comment, its beginning when it is long, with no link in it."""
    is_source = comment.format is Format.MARKDOWN
    text = comment.text if is_source else plain.excerpt(comment.html, MOST)
    shown = text if len(text) <= MOST else text[:MOST].rstrip() + " …"
    return without_links(shown)


def name(comment: Comment) -> str:
    """Who wrote it, as they say."""
    return without_links(comment.name) or _("Anonymous")


def title(comment: Comment) -> str:
    """What its page is called."""
    return without_links(comment.title_of_page or comment.page.key)


def without_links(text: str) -> str:
    """The same with ``http[:]//`` for ``http://`` and ``www[.]`` for ``www.``."""
    return _LINK.sub(lambda found: f"{found[1]}[:]" if found[1] else f"{found[2]}[.]", text)
