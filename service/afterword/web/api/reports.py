"""Reports of comments."""

from __future__ import annotations

from flask import Response

from afterword.core import limits
from afterword.posting.report import read, report
from afterword.web.api import access, api, body


@api.post("/comments/<comment_id>/report")
def report_comment(comment_id: str) -> Response:
    access.target(comment_id)
    complaint = read(body.read_object())
    token = report(comment_id, complaint, reader=access.reader(), admit=limits.report)
    return body.write({"reported": True, "token": token}, 202)
