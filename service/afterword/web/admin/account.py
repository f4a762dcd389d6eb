"""What a moderator chooses for themselves: which mails they get."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import config
from afterword.core.errors import BadRequest
from afterword.identity import moderators
from afterword.identity.models import Notices
from afterword.web.admin import access, admin

CHOICES = (
    (Notices.OFF, "No mail"),
    (Notices.HELD, "Of comments that wait"),
    (Notices.ALL, "Of every comment"),
)
PACES = (("now", "At once"), ("daily", "Once a day, in the morning"))


@admin.get("/account")
def show_account() -> str:
    return render_template(
        "admin/account.html",
        choices=[(choice.value, words) for choice, words in CHOICES],
        paces=PACES,
        can_mail=config.current().smtp_url is not None,
        is_kept="kept" in request.args,
    )


@admin.post("/account/mail")
def choose_mail() -> AnyResponse:
    wanted, pace = request.form.get("notices", ""), request.form.get("pace", "")
    if wanted not in set(Notices) or pace not in dict(PACES):
        raise BadRequest("There is no such choice. Please load the page again.")
    moderators.choose_notices(access.moderator(), Notices(wanted), is_daily=pace == "daily")
    return redirect(url_for(".show_account", kept=1), 303)
