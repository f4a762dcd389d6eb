"""Where mentions of a page are taken, said with it (Webmention, 3.1.2)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from afterword.core import config
from afterword.sites.directory import KnownSite


def advertise(response: Response, *, site: KnownSite) -> None:
    """Say it with an answer about a page of this site, where the site takes any."""
    if site.options.webmentions:
        response.headers["Link"] = f'<{config.public_url()}/webmention>; rel="webmention"'
