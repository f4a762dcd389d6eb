"""``/c/ID/report``: report a comment without JavaScript."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids, limits, urls
from afterword.core.db import db
from afterword.core.errors import BadOrigin, NotFound, Problem
from afterword.core.i18n import N_, _
from afterword.moderation.models import Reason
from afterword.posting.context import Sender
from afterword.posting.reader import Reader
from afterword.posting.report import MAX_NOTE, read, report
from afterword.sites import directory
from afterword.threads.models import Comment, State
from afterword.web import address, errors, language
from afterword.web.pages import pages

REASONS = {
    Reason.SPAM: N_("Advertising or spam"),
    Reason.ABUSE: N_("Insulting, threatening or hateful"),
    Reason.OFF_TOPIC: N_("It has nothing to do with the page"),
    Reason.OTHER: N_("Something else"),
}


@pages.get("/c/<comment_id>/report")
def show_report(comment_id: str) -> Response:
    if "sent" in request.args:
        return _show(_find(comment_id), is_sent=True)
    return _show(_find_visible(comment_id))


@pages.post("/c/<comment_id>/report")
def report_comment(comment_id: str) -> AnyResponse | Response:
    comment = _find_visible(comment_id)
    sender = Sender(address=limits.client_address(), agent=request.user_agent.string)
    try:
        if not address.is_own_request():
            raise BadOrigin(_("This form was sent from another page. Please send it from here."))
        report(comment.id, read(request.form), reader=Reader(sender=sender), admit=limits.report)
    except NotFound:
        raise
    except Problem as problem:
        return _show(comment, problem=problem)
    return redirect(url_for(".show_report", comment_id=comment.id, sent=1), 303)


def _show(comment: Comment, *, is_sent: bool = False, problem: Problem | None = None) -> Response:
    page = comment.page
    own_id = urls.own_id(page.key)
    body = render_template(
        "report.html",
        comment=comment,
        back=url_for(".show_thread", url=page.url, page=own_id, around=comment.id),
        reasons=REASONS,
        chosen=request.form.get("reason", ""),
        note=request.form.get("note", ""),
        longest=MAX_NOTE,
        is_sent=is_sent,
        problem=problem,
    )
    return errors.marked(make_response(body), problem)


def _find_visible(comment_id: str) -> Comment:
    """The same, unless it waits or was removed: nobody reads that here."""
    comment = _find(comment_id)
    if comment.state is not State.VISIBLE:
        raise _gone()
    return comment


def _find(comment_id: str) -> Comment:
    """The comment. From here on its site's language is spoken. Raises NotFound."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None:
        raise _gone()
    language.speak_of(directory.by_id(comment.site_id).options)
    return comment


def _gone() -> NotFound:
    return NotFound(_("There is no such comment, or it was removed."))
