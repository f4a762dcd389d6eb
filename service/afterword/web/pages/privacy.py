"""``/privacy``: what is kept of readers, in words that an owner can publish as they stand.

What it says follows from the settings, the site's choices and the constants of the code.
"""

from __future__ import annotations

from flask import render_template, request

from afterword.core import config
from afterword.core.errors import UnknownSite
from afterword.core.i18n import _
from afterword.identity import authors, confirmations
from afterword.posting import receipts
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.spam import traces
from afterword.web import language
from afterword.web.pages import pages


@pages.get("/privacy")
def show_privacy() -> str:
    site = _site()
    language.speak_of(site.options)
    return render_template(
        "privacy.html",
        site=site,
        can_mail=config.current().smtp_url is not None,
        traced_days=traces.KEPT.days,
        asked_days=confirmations.KEPT.days,
        signed_in_days=authors.SIGNED_IN_LIFE.days,
        repeat_hours=int(receipts.KEPT.total_seconds() // 3600),
    )


def _site() -> KnownSite:
    """The site that is asked about; the only one there is need not be named. Raises UnknownSite."""
    key, known = request.args.get("site"), directory.every()
    site = directory.by_key(key) if key else known[0] if len(known) == 1 else None
    if site is None:
        raise UnknownSite(_("Say which site's: /privacy?site= and the blog's address."))
    return site
