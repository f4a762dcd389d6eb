"""Who may come in: a session for all but the listed pages, and no forged request anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import i18n, ids, signing
from afterword.core.db import db
from afterword.core.errors import BadOrigin, BadRequest, NotFound
from afterword.core.i18n import _
from afterword.identity import moderators, sessions
from afterword.identity.models import Moderator, Session
from afterword.moderation import permissions
from afterword.moderation.scope import Scope
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page
from afterword.web import address, ready
from afterword.web.admin import admin

# Pages that make a session, and so cannot ask for one. Each refuses other sites' forms like all.
OPEN = frozenset(
    f"admin.{name}"
    for name in (
        "show_log_in", "log_in", "answer_code", "begin_log_in", "log_in_by_passkey",
        "show_set_up", "set_up", "show_password", "choose_password",
        # Their links say who it is and what may be done.
        "show_mail_link", "use_mail_link",
    )
)  # fmt: skip


# Fields that are kept for who was logged out while they wrote, as are others of several lines.
WRITTEN = {"text", "remark", "configuration"}

# Where one decides over the comments of some sites, and over one's own account. All else is for
# owners: a page that nobody thought of here is not shown to more people than it should be.
FOR_MODERATORS = frozenset(
    f"admin.{name}"
    for name in (
        "show_queue", "show_stream", "decide", "undo",
        "show_new_sweep", "start_sweep", "show_sweep", "stop_sweep", "undo_sweep",
        "show_edit", "edit", "show_reply", "reply", "pin", "show_here", "act_here",
        "show_author", "choose_standing", "decide_all", "add_remark", "drop_remark",
        "ban_author", "show_bans", "add_ban", "lift_ban",
        "show_pages", "set_open", "show_overview", "show_log", "export_log", "undo_act",
        "show_account", "rename", "choose_mail", "choose_language", "change_password",
        "confirm", "begin_confirm", "end_session", "end_other_sessions", "log_out",
        "show_second_step", "turn_on_second_step", "turn_off_second_step", "renew_codes",
        "show_new_passkey", "begin_passkey", "add_passkey", "remove_passkey",
    )
)  # fmt: skip


@admin.before_request
def guard() -> AnyResponse | None:
    """Let a request through, or answer it here. Raises BadOrigin, BadRequest."""
    g.session = sessions.find(session_token())
    g.moderator = g.session.moderator if g.session else None
    if g.moderator is not None and g.moderator.language:
        i18n.speak(g.moderator.language)
    is_write = request.method not in {"GET", "HEAD", "OPTIONS"}
    if is_write and not address.is_own_request():
        raise BadOrigin(_("This was sent from another site, so nothing was done."))
    if request.endpoint in OPEN:
        return None
    if g.moderator is None:
        return _ask_who_it_is(is_write=is_write)
    if is_write and not signing.same(request.form.get("csrf", ""), form_token()):
        return _refuse_form()
    if request.endpoint not in FOR_MODERATORS and not moderator().is_owner:
        raise NotFound(_("There is nothing here that you may see: it is for owners."))
    return None


@admin.after_request
def pack(response: Response) -> Response:
    """Make a page of the desk small on its way, where no other site can have asked for it.

    Else that site could choose words of the page (a search), and who listens on the line could tell
    from its size what else is in it: https://www.breachattack.com.
    """
    is_page = response.mimetype == "text/html" and not response.direct_passthrough
    is_ours = request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"}
    return ready.compressed(response) if is_page and is_ours else response


@admin.context_processor
def _for_templates() -> dict[str, object]:
    moderator = g.get("moderator")
    return {"moderator": moderator, "csrf": form_token() if moderator else ""}


def moderator() -> Moderator:
    """Who is logged in. Only where ``guard`` asked for it."""
    held: Moderator = g.moderator
    return held


def session() -> Session:
    """Their session in this browser. Only where ``guard`` asked for it."""
    held: Session = g.session
    return held


def sites() -> list[KnownSite]:
    """The sites that they moderate."""
    return [site for site in directory.every() if permissions.may_moderate(moderator(), site.id)]


def scope(site_id: int | None) -> Scope:
    """What to look through when this site of theirs is chosen, or none."""
    return permissions.sites_of(moderator()) if site_id is None else frozenset({site_id})


def find_comment(comment_id: str) -> Comment | None:
    """The comment of this id, where it is theirs to decide; one of another site is none."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    is_theirs = comment is not None and permissions.may_decide(moderator(), comment)
    return comment if is_theirs else None


def find_comments(named: Iterable[str]) -> list[Comment]:
    """Those of these comments that are theirs to decide, in this order, each once."""
    known = [one for one in dict.fromkeys(named) if ids.is_id(one)]
    rows = {one.id: one for one in db.session.scalars(select(Comment).where(Comment.id.in_(known)))}
    found = [rows[one] for one in known if one in rows]
    return [one for one in found if permissions.may_decide(moderator(), one)]


def find_page(page_id: int) -> Page | None:
    """The page of this number, where it is theirs; one of another site is none."""
    page = db.session.get(Page, page_id)
    return page if page is not None and permissions.may_decide(moderator(), page) else None


def cookie_name() -> str:
    """``__Host-`` binds the cookie to this very host; browsers allow it on https only."""
    return "__Host-afterword" if address.is_https() else "afterword"


def session_token() -> str:
    """What the browser's cookie says, empty when there is none."""
    return request.cookies.get(cookie_name(), "")


def form_token() -> str:
    """What this session's forms carry in ``csrf``."""
    return sessions.form_token(session_token())


def own_path(path: str | None) -> str:
    """A path of the desk to go on to; the queue for anything that could lead elsewhere."""
    queue = url_for("admin.show_queue")
    if not path or not path.startswith(queue) or "\\" in path or not path.isprintable():
        return queue
    return path


def way_back(path: str | None, **said: str | int | None) -> str:
    """A path of the desk to go back to, that says there what was done."""
    own = own_path(path)
    words = urlencode({name: value for name, value in said.items() if value})
    return f"{own}{'&' if '?' in own else '?'}{words}" if words else own


def _ask_who_it_is(*, is_write: bool) -> AnyResponse:
    if not moderators.exist():
        return redirect(url_for("admin.show_set_up"), 303)
    # A form that came too late goes on where it was written: its address is a page as well.
    path = request.full_path.rstrip("?") if not is_write else request.form.get("back")
    written = _written() if is_write else ""
    if written:
        sentence = _(
            "You were logged out in the meantime. Your text was not sent: copy it, log in, and "
            "paste it again."
        )
        page = render_template(
            "admin/log-in.html",
            email="",
            next=own_path(path or request.path),
            problem=sentence,
            kept=written,
        )
        return make_response(page, 403)
    return redirect(url_for("admin.show_log_in", next=own_path(path)), 303)


def _refuse_form() -> Response:
    sentence = _("This form is older than your log-in, so nothing was done.")
    written = _written()
    if not written:
        raise BadRequest(f"{sentence} {_('Please load the page again.')}")
    page = render_template("admin/too-old.html", problem=sentence, kept=written, back=request.path)
    return make_response(page, 400)


def _written() -> str:
    """What somebody wrote at length in a form that is not taken: they get it back. No secrets."""
    texts = [
        text
        for name, text in request.form.items()
        if name in WRITTEN or "\n" in text.strip()  # a secret has one line
    ]
    return "\n\n".join(text for text in texts if text.strip())
