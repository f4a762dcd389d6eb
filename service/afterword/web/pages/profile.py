"""``/me/KEY/profile``: who one is here, and by what one signs in."""

from __future__ import annotations

from flask import (
    Response,
    json,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import clock, i18n, limits
from afterword.core.db import transaction
from afterword.core.errors import BadEmail, BadOrigin, NotFound, NotOffered, Problem
from afterword.core.i18n import N_, _, entry
from afterword.identity import accounts, challenges, passkeys, reader_passkeys
from afterword.identity.challenges import Purpose
from afterword.identity.models import Account
from afterword.identity.passkeys import Party
from afterword.markup import plain
from afterword.posting import confirm, profile, sign_in
from afterword.posting.profile import Choice
from afterword.sites import directory, providers
from afterword.web import address
from afterword.web.pages import pages

SAID = {
    "saved": N_("Your profile is kept."),
    "joined": N_("From now on you can sign in by it, too."),
    "parted": N_("It opens your profile no more."),
    "passkey": N_("From now on you can sign in with this passkey."),
    "no-passkey": N_("The passkey opens nothing any more."),
}


@pages.get("/me/<key>/profile")
def show_profile(key: str) -> Response:
    return _show(key, accounts.owner(key))


@pages.post("/me/<key>/profile")
def change_profile(key: str) -> AnyResponse | Response:
    _check_form()
    account, sent = accounts.owner(key), request.form
    limits.change()
    choice = Choice(
        name=sent.get("name", ""),
        website=sent.get("website", ""),
        lang=sent.get("lang", ""),
        shows_picture=sent.get("picture") == "on",
    )
    try:
        profile.choose(account, choice)
    except Problem as problem:
        return _show(key, account, problem=problem, typed=sent.to_dict())
    return _done(key, "saved")


@pages.post("/me/<key>/profile/email")
def ask_to_join(key: str) -> AnyResponse | Response:
    """Mail a code to one more address."""
    _check_form()
    account, typed = accounts.owner(key), request.form.get("email", "")
    try:
        email = plain.email(typed)
        if email is None:
            raise BadEmail(_("Please write your e-mail address."))
        limits.letter()
        handle = confirm.ask(email, is_new=True)
    except Problem as problem:
        return _show(key, account, problem=problem, typed={"email": typed})
    return redirect(url_for(".show_profile", key=key, handle=handle, _anchor="code"), 303)


@pages.post("/me/<key>/profile/code")
def join_address(key: str) -> AnyResponse | Response:
    _check_form()
    account, sent = accounts.owner(key), request.form
    limits.sign_in()
    try:
        sign_in.join_by_code(account, sent.get("handle", ""), sent.get("code", ""))
    except Problem as problem:
        return _show(key, account, problem=problem, handle=sent.get("handle", ""))
    return _done(key, "joined")


@pages.post("/me/<key>/profile/part")
def part_from(key: str) -> AnyResponse | Response:
    _check_form()
    account = accounts.owner(key)
    try:
        with transaction():
            accounts.part(account, request.form.get("passport", ""))
    except Problem as problem:
        return _show(key, account, problem=problem)
    return _done(key, "parted")


@pages.post("/me/<key>/profile/sign-out")
def sign_out_everywhere(key: str) -> AnyResponse:
    _check_form()
    account = accounts.owner(key)
    with transaction():
        accounts.take_all_tokens(account)
    return redirect(url_for(".show_ask", done="signed-out"), 303)


@pages.post("/me/<key>/profile/passkey/begin")
def begin_own_passkey(key: str) -> Response:
    _check_form()
    account, at = accounts.owner(key), _party()
    challenge = challenges.issue(Purpose.JOIN, to=account.id)
    options = json.loads(reader_passkeys.creation(account, challenge.nonce, at=at))
    return jsonify({"options": options, "token": challenge.token})


@pages.post("/me/<key>/profile/passkey")
def add_own_passkey(key: str) -> AnyResponse | Response:
    _check_form()
    account, at, sent = accounts.owner(key), _party(), request.form
    limits.sign_in()
    try:
        nonce = challenges.spend(sent.get("token", ""), Purpose.JOIN, to=account.id)
        with transaction():
            reader_passkeys.add(
                account,
                sent.get("credential", ""),
                nonce=nonce,
                at=at,
                name=sent.get("passkey_name", ""),
            )
    except Problem as problem:
        return _show(key, account, problem=problem)
    return _done(key, "passkey")


@pages.post("/me/<key>/profile/passkey/remove")
def remove_own_passkey(key: str) -> AnyResponse:
    _check_form()
    account, number = accounts.owner(key), request.form.get("passkey", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound(_("This passkey is removed already."))
    with transaction():
        reader_passkeys.remove(int(number), of=account)
    return _done(key, "no-passkey")


def _show(
    key: str,
    account: Account,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
    handle: str | None = None,
) -> Response:
    page = render_template(
        "me/profile.html",
        key=key,
        account=account,
        typed=typed or {},
        picture=profile.offered_picture(account),
        passports=account.passports,
        passkeys=reader_passkeys.of(account),
        has_passkeys=passkeys.party() is not None,
        has_providers=bool(providers.every()),
        signed_in=[
            (directory.by_id(site_id).name, clock.text(at))
            for site_id, at in accounts.tokens(account)
        ],
        languages=i18n.LANGUAGES.values(),
        handle=handle or request.args.get("handle", ""),
        problem=problem,
        said=entry(SAID, request.args.get("done", "")),
    )
    return make_response(page, problem.status if problem else 200)


def _done(key: str, said: str) -> AnyResponse:
    return redirect(url_for(".show_profile", key=key, done=said), 303)


def _party() -> Party:
    found = passkeys.party()
    if found is None:
        raise NotOffered(
            _("Passkeys need https and a name for this service; it has no such address.")
        )
    return found


def _check_form() -> None:
    if not address.is_own_request():
        raise BadOrigin(_("This form was sent from another page. Please send it from here."))
