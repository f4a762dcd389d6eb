"""What the comment form needs: its token, and a preview of the text."""

from __future__ import annotations

from flask import Response, request

from afterword.core import config, limits
from afterword.core.errors import BadRequest
from afterword.markup.render import render
from afterword.posting import forms
from afterword.sites import directory
from afterword.spam.checks.form import MIN_SECONDS
from afterword.web.api import access, api, body
from afterword.web.api.threads import required_url


@api.get("/form")
def open_form() -> Response:
    url = required_url()
    site = directory.of_url(url)
    key = site.page_key(url, request.args.get("page"))
    return body.write(
        {
            "form": forms.token(site.id, key, address=limits.client_address()),
            # Where nobody looks how soon a post comes, nobody waits to send it.
            "min_seconds": MIN_SECONDS if config.current().form_checks else 0,
        }
    )


@api.post("/preview")
def preview() -> Response:
    site = access.asking_site()
    limits.preview()
    sent = body.read()
    text = sent.get("text") if isinstance(sent, dict) else None
    if not isinstance(text, str):
        raise BadRequest("text must be text.", fields={"text": "not text"})
    return body.write({"html": render(text, limit=site.options.max_length)})
