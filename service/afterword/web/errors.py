"""Refusals and failures, shown in one place: as a problem document or as a page."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from afterword.core.db import UNREACHABLE
from afterword.core.errors import BadRequest, NotFound, NotReady, Problem, TooLarge
from afterword.core.i18n import N_, _

log = logging.getLogger("afterword.web")


class _WrongMethod(BadRequest):
    status = 405
    title = N_("This address does not do that")


class _Failure(Problem):
    status = 500
    code = "failed"
    title = N_("Something went wrong here")


def start(app: Flask) -> None:
    """Answer every exception of this application."""
    app.register_error_handler(Problem, _show)
    app.register_error_handler(HTTPException, _show_http)
    for kind in UNREACHABLE:
        app.register_error_handler(kind, _show_database)
    app.register_error_handler(Exception, _show_failure)


def marked(response: Response, problem: Problem | None) -> Response:
    """An answer with what programs read of a problem, where there is one: its status, and when to
    come again."""
    if problem is not None:
        response.status_code = problem.status
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _show(problem: Problem) -> Response:
    if request.path.startswith("/api/"):
        response = jsonify(problem.as_json())
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("problem.html", problem=problem))
    response.headers["Cache-Control"] = "no-store"
    return marked(response, problem)


def _show_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    match status:
        case HTTPStatus.NOT_FOUND:
            problem: Problem = NotFound(_("There is nothing at this address."))
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            most = (request.max_content_length or 0) // 1024
            problem = TooLarge(
                _("That is more than this service reads at once (%(most)s kB).", most=most)
            )
        case HTTPStatus.METHOD_NOT_ALLOWED:
            problem = _WrongMethod(_("This address cannot be used in that way."))
        case _ if status < 500:
            problem = BadRequest(_("The request could not be understood."))
        case _:
            return _show_failure(error)
    response = _show(problem)
    if error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _show_database(error: DBAPIError | NoConnection) -> Response:
    # Locked, full, gone: all of these pass, and whoever sent something still holds it.
    why = error.orig if isinstance(error, DBAPIError) else error
    log.error("database: %s", type(why).__name__, exc_info=error)
    return _show(
        NotReady(_("The comments are not reachable right now. Please try again."), retry_after=5)
    )


def _show_failure(error: Exception) -> Response:
    # The rule and not the path: a link from a mail holds a secret.
    where = request.url_rule.rule if request.url_rule else request.path
    log.error("failed: %s %s", request.method, where, exc_info=error)
    return _show(
        _Failure(_("Something went wrong on our side. It was noted. Please try again later."))
    )
