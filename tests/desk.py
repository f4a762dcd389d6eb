"""A moderator at the desk: a client that is logged in and sends the form's token with each form."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from afterword.identity import moderators, sessions
from afterword.identity.models import Moderator

PASSWORD = "a boat that was a table"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Desk:
    """One browser of one moderator."""

    def __init__(self, app: Flask, *, agent: str = FIREFOX) -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"User-Agent": agent}

    def log_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Answer the log-in's form."""
        said = {"email": email, "password": password}
        return self.client.post("/admin/login", data=said, headers=self.headers)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Look at a page."""
        return self.client.get(path, query_string=query or None, headers=self.headers)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form."""
        cookie = self.client.get_cookie("afterword")
        token = sessions.form_token(cookie.value if cookie else "")
        return self.client.post(path, data={"csrf": token, **fields}, headers=self.headers)

    def reply(self, comment_id: str, text: str) -> TestResponse:
        """Answer a comment by the form that shows it."""
        path = f"/admin/comments/{comment_id}/reply"
        shown = re.search(r'name="seen" value="(\w+)"', self.get(path).text)
        return self.post(path, text=text, **({"seen": shown[1]} if shown else {}))


def moderator(app: Flask, email: str, **said: Any) -> Moderator:
    """A moderator with the usual password."""
    with app.app_context():
        return moderators.add(email, password=PASSWORD, **said)


def of(app: Flask, email: str, *, agent: str = FIREFOX) -> Desk:
    """The desk of a moderator who is logged in."""
    desk = Desk(app, agent=agent)
    assert desk.log_in(email).status_code == 303
    return desk
