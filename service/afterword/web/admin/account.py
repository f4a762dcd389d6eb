"""A moderator's own account: name and password, where they are logged in, which mails they get."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config, i18n
from afterword.core.errors import BadRequest, Problem
from afterword.core.i18n import N_, _, entry
from afterword.identity import lockout, moderators, passkeys, sessions, totp
from afterword.identity.models import Notices
from afterword.moderation import account
from afterword.web import errors
from afterword.web.admin import access, admin, device
from afterword.web.admin.log import VERBS

CHOICES = (
    (Notices.OFF, N_("No mail")),
    (Notices.HELD, N_("Of comments that wait")),
    (Notices.ALL, N_("Of every comment")),
)
PACES = (("now", N_("At once")), ("daily", N_("Once a day, in the morning")))
SAID = {
    "mail": N_("Your choice of mails is kept."),
    "language": N_("This is the language of the desk and of your mails now."),
    "name": N_("Your name is changed. What you wrote before keeps the name it had."),
    "password": N_("Your password is changed, and you are logged out everywhere else."),
    "one-step": N_("The second step is off: the password alone lets you in."),
    "passkey": N_("The passkey is kept: from now on it lets you in."),
    "no-passkey": N_("The passkey is removed and opens nothing here. Delete it on the device too."),
    "ended": N_("The session has ended."),
    "alone": N_("You are logged out everywhere else."),
}


@admin.get("/account")
def show_account() -> Response:
    return _show()


@admin.post("/account/mail")
def choose_mail() -> AnyResponse:
    wanted, pace = request.form.get("notices", ""), request.form.get("pace", "")
    if wanted not in set(Notices) or pace not in dict(PACES):
        raise BadRequest(_("There is no such choice. Please load the page again."))
    moderators.choose_notices(access.moderator(), Notices(wanted), is_daily=pace == "daily")
    return _back("mail")


@admin.post("/account/name")
def rename() -> AnyResponse | Response:
    name = request.form.get("name", "")
    try:
        moderators.rename(access.moderator(), name)
    except Problem as problem:
        return _show(name=name, problem=problem)
    return _back("name")


@admin.post("/account/language")
def choose_language() -> AnyResponse:
    code = request.form.get("language", "")
    if code and code not in i18n.LANGUAGES:
        raise BadRequest(_("There is no such choice. Please load the page again."))
    moderators.choose_language(access.moderator(), code)
    return _back("language")


@admin.post("/account/password")
def change_password() -> AnyResponse | Response:
    present, new = request.form.get("present", ""), request.form.get("password", "")
    try:
        # A session that was left open is no way to guess.
        guess = device.count(access.moderator().email)
        account.change_password(access.session(), present, new=new)
    except Problem as problem:
        return _show(problem=problem)
    lockout.forget(guess)
    return _back("password")


@admin.post("/account/sessions/end")
def end_session() -> AnyResponse:
    account.end_session(request.form.get("session", ""), of=access.moderator())
    return _back("ended")


@admin.post("/account/sessions/end-others")
def end_other_sessions() -> AnyResponse:
    account.end_other_sessions(access.session())
    return _back("alone")


def _back(done: str) -> AnyResponse:
    return redirect(url_for(".show_account", done=done), 303)


def _show(*, name: str | None = None, problem: Problem | None = None) -> Response:
    page = render_template(
        "admin/account.html",
        name=access.moderator().name if name is None else name,
        sites=access.sites(),
        codes_left=totp.codes_left(access.moderator()),
        passkeys=passkeys.of(access.moderator()),
        may_have_passkeys=passkeys.party() is not None,
        public_url=config.public_url(),
        sessions=sessions.of(access.moderator()),
        present=access.session(),
        lately=account.lately(access.moderator()),
        verbs=VERBS,
        choices=[(choice.value, _(words)) for choice, words in CHOICES],
        paces=[(pace, _(words)) for pace, words in PACES],
        languages=[
            ("", _("As the browser asks for")),
            *((one.code, one.name) for one in i18n.LANGUAGES.values()),
        ],
        can_mail=config.current().smtp_url is not None,
        problem=problem,
        said=entry(SAID, request.args.get("done", "")),
    )
    return errors.marked(make_response(page), problem)
