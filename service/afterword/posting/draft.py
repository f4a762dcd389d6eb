"""From what a visitor sent to a Draft: right types, clean text, nothing judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterword.core import ids
from afterword.core.errors import BadEmail, BadName, BadParent, BadRequest, BadUrl
from afterword.core.i18n import N_, _
from afterword.markup import links, plain
from afterword.sites.options import Options
from afterword.threads.draft import Draft, Solution
from afterword.threads.models import Comment, Follows

MAX_QUOTE = 1000
MAX_AROUND = 64  # characters before and behind a quotation
_NO_ADDRESS = {
    False: N_("Please write the e-mail address that you want the mails at."),
    True: N_("Your profile has no e-mail address to mail to. Add one there first."),
}
MOST_NUMBER = 2**53 - 1  # what a browser counts exactly


def read(body: object) -> Draft:
    """The draft in a body of the shape that ``POST /comments`` takes. Raises Problem."""
    if not isinstance(body, Mapping):
        raise BadRequest(_("The body must be a JSON object."))
    author = body.get("author") or {}
    if not isinstance(author, Mapping):
        raise BadRequest(_("The author must be an object."), fields={"author": "not an object"})
    url = _text(body, "url")
    if not url:
        raise BadUrl(_("The comment does not say which page it belongs to."))
    title = _text(body, "title")
    quote, prefix, suffix = _passage(body)
    text, name = _text(body, "text") or "", _text(author, "name") or ""
    return Draft(
        url=url,
        text=plain.clean(text),
        page=_text(body, "page") or None,
        title=plain.title(title) if title else None,
        parent=_parent(body),
        name=plain.name(name),
        email=plain.email(_text(author, "email") or ""),
        website=links.website(_text(author, "website") or ""),
        quote=quote,
        quote_prefix=prefix,
        quote_suffix=suffix,
        follows=_follows(body.get("notify")),
        is_daily=_is_daily(body.get("daily")),
        form=_text(body, "form"),
        solution=_solution(body),
        trap=_text(body, "trap") or "",
        as_sent=f"{name}\n{text}",
    )


def of(comment: Comment) -> Draft:
    """What a comment says as it stands, as if it were sent now."""
    return Draft(
        url=comment.page.url,
        text=comment.text,
        parent=comment.parent_id,
        name=comment.name,
        email=comment.email,
        website=comment.website,
        quote=comment.quote,
        quote_prefix=comment.quote_prefix,
        quote_suffix=comment.quote_suffix,
        lang=comment.lang,
        is_moderator=comment.is_moderator,
        source=comment.source,
        mention=comment.mention,
        said=comment.said,
    )


def complete(draft: Draft, *, options: Options) -> None:
    """Refuse a draft that lacks what this site asks for. Raises BadName, BadEmail."""
    if draft.source is not None:
        return  # nobody filled a form in
    if options.require_name and not draft.name:
        raise BadName(_("Please write your name."))
    if draft.follows is not None and not draft.email:
        raise BadEmail(_(_NO_ADDRESS[draft.is_signed_in]))
    if options.require_email and not draft.email and not draft.is_signed_in:
        raise BadEmail(_("Please write your e-mail address. It is never shown."))


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadRequest(f"{name} must be text.", fields={name: "not text"})


def _follows(asked: object) -> Follows | None:
    """What ``notify`` says: false, true (replies), or one of the names."""
    if asked is None or asked is False or asked == "":
        return None
    if asked is True:
        return Follows.REPLIES
    if isinstance(asked, str) and asked in set(Follows):
        return Follows(asked)
    said = f"notify must be true, false or one of {', '.join(Follows)}."
    raise BadRequest(said, fields={"notify": "unknown"})


def _is_daily(asked: object) -> bool:
    if asked in (None, "", False):
        return False
    if asked in (True, "on"):  # what a form sends of a box that is ticked
        return True
    raise BadRequest("daily must be true or false.", fields={"daily": "neither"})


def _solution(body: Mapping[str, Any]) -> Solution | None:
    sent = body.get("challenge")
    if sent is None:
        return None
    if isinstance(sent, Mapping):
        token, number = sent.get("token"), sent.get("number")
        if isinstance(token, str) and type(number) is int and 0 <= number <= MOST_NUMBER:
            return Solution(token, number)
    raise BadRequest("challenge must be {token, number}.", fields={"challenge": "not a solution"})


def _passage(body: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """The words that a comment is about, and what stands around them: bare, or as a
    TextQuoteSelector (W3C Web Annotation Data Model, 4.2.4)."""
    sent = body.get("quote")
    if not isinstance(sent, Mapping):
        bare = plain.words(_text(body, "quote") or "")
        return bare[:MAX_QUOTE] or None, None, None
    exact = plain.words(_text(sent, "exact") or "")[:MAX_QUOTE]
    if not exact:
        raise BadRequest(
            _("A quotation needs its exact words."), fields={"quote": "no exact words"}
        )
    before = plain.words(_text(sent, "prefix") or "")[-MAX_AROUND:]
    behind = plain.words(_text(sent, "suffix") or "")[:MAX_AROUND]
    return exact, before or None, behind or None


def _parent(body: Mapping[str, Any]) -> str | None:
    parent = _text(body, "parent")
    if parent and not ids.is_id(parent):
        raise BadParent(_("The comment that you answer does not exist."))
    return parent or None
