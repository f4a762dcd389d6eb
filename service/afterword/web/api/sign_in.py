"""Signing in, in the browser of a reader: by a mailed code, by a pop-up, by the blog itself."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from afterword.core import limits
from afterword.core.db import transaction
from afterword.core.errors import BadEmail, BadRequest
from afterword.core.i18n import _
from afterword.identity import accounts, authors
from afterword.markup import plain
from afterword.posting import confirm, sign_in
from afterword.posting.sign_in import SignedIn
from afterword.sites import directory
from afterword.threads import view
from afterword.web.api import access, api, body
from afterword.web.api.threads import required_url


@api.post("/sign-in/email")
def ask_for_code() -> Response:
    site = access.asking_site()
    sign_in.check_offered(site, "email")
    email = plain.email(_text(body.read_object(), "email"))
    if email is None:
        raise BadEmail(_("Please write your e-mail address."))
    limits.letter()
    return body.write({"handle": confirm.ask(email, is_new=True)}, 202)


@api.post("/sign-in/email/code")
def use_code() -> Response:
    site, sent = access.asking_site(), body.read_object()
    limits.sign_in()
    guest = authors.secret(request.headers.get("Authorization"))
    return _let_in(
        sign_in.by_code(_text(sent, "handle"), _text(sent, "code"), site=site, guest=guest)
    )


@api.post("/sign-in")
def take_hand_over() -> Response:
    site, sent = access.asking_site(), body.read_object()
    limits.sign_in()
    return _let_in(
        sign_in.by_hand_over(
            _text(sent, "code"),
            _text(sent, "verifier"),
            site=site,
            origin=request.headers["Origin"],
        )
    )


@api.post("/sign-in/sso")
def take_blogs_word() -> Response:
    site, sent = access.asking_site(), body.read_object()
    limits.sign_in()
    return _let_in(sign_in.by_blog(_text(sent, "token"), site=site))


@api.delete("/sign-in")
def sign_out() -> Response:
    site = access.asking_site()
    token = authors.secret(request.headers.get("Authorization"))
    if token is not None:
        with transaction():
            accounts.take_token(token, site_id=site.id)
    return body.write({"author": None})


@api.get("/me")
def show_me() -> Response:
    site = directory.of_url(required_url())
    token = authors.secret(request.headers.get("Authorization"))
    author = authors.signed_in(token, site_id=site.id)
    account = author.account if author is not None else None
    return body.write({"author": view.account(account) if account is not None else None})


def _let_in(done: SignedIn) -> Response:
    return body.write({"token": done.token, "author": view.account(done.account)})


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise BadRequest(_("%(name)s must be text.", name=name), fields={name: "not text"})
    return value
