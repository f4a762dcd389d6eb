"""In which language a request is answered."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from afterword.core import i18n
from afterword.sites.options import Options


def start(app: Flask) -> None:
    """Speak the language of who asks; equip the templates with the words."""
    i18n.equip(app.jinja_env)
    app.before_request(_speak_theirs)
    app.after_request(_name_it)
    app.teardown_request(_speak_none)


def speak_of(options: Options) -> None:
    """Speak the language that a site's owner chose for its readers, if one was chosen."""
    if options.language:
        i18n.speak(options.language)


def _speak_theirs() -> None:
    i18n.speak(_best(request.headers.get("Accept-Language", "")))


def _speak_none(_error: BaseException | None) -> None:
    # The thread goes on to other work, which is nobody's in particular.
    i18n.speak(i18n.ENGLISH.code)


def _name_it(response: Response) -> Response:
    """A page says in what language it is, and that others may get it in another."""
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = i18n.language().code
        response.vary.add("Accept-Language")
    return response


@lru_cache(maxsize=256)
def _best(accepted: str) -> str:
    """The language we speak that an ``Accept-Language`` likes best (RFC 9110, 12.5.4)."""
    wanted: LanguageAccept = parse_accept_header(accepted, LanguageAccept)
    return wanted.best_match(list(i18n.LANGUAGES), default=i18n.ENGLISH.code)
