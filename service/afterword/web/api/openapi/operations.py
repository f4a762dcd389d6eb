"""Each call: what it takes, what it answers, how it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from afterword.core import errors
from afterword.core.errors import Problem
from afterword.posting.receipts import LONGEST, SHORTEST
from afterword.sites.options import REACTIONS
from afterword.threads.slices import DEFAULT_LIMIT, MOST, Sort
from afterword.web.api.counts import MOST as MOST_PAGES
from afterword.web.api.openapi.schemas import ID
from afterword.web.api.openapi.shapes import TEXT, Schema, of, ref

# Any call may be answered so: by a malformed request, by a database that is away.
ALWAYS = (errors.BadRequest, errors.NotReady)
WRITING = (*ALWAYS, errors.TooLarge, errors.RateLimited, errors.BadOrigin, errors.NotFound)
JUDGED = (errors.Banned, errors.Rejected, errors.Empty, errors.TooLong)
ABOUT_A_PAGE = (errors.BadUrl, errors.UnknownSite)


def _query(name: str, schema: Schema, *, needed: bool = False, says: str = "") -> Schema:
    said = {"description": says} if says else {}
    return {"name": name, "in": "query", "required": needed, "schema": schema, **said}


URL = _query("url", TEXT, needed=True, says="The page.")
PAGE = _query("page", TEXT, says="The page's own id, where it has one (`data-page`).")
AFTER = _query("after", TEXT, says="The `next` of an earlier answer.")
LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST})
COMMENT: Schema = {"name": "comment_id", "in": "path", "required": True, "schema": ID}
ORIGIN: Schema = {
    "name": "Origin",
    "in": "header",
    "required": True,
    "schema": TEXT,
    "description": "An address of the site, as browsers send it.",
}
KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {
        "type": "string",
        "pattern": f"^[!-~]([ -~]{{{SHORTEST - 2},{LONGEST - 2}}})[!-~]$",
    },
    "description": "For 24 hours the same key with the same comment is answered with that comment.",
}


def _call(  # noqa: PLR0913 - what a call consists of
    name: str,
    says: str,
    answers: dict[int, str | None],
    *,
    parameters: Iterable[Schema] = (),
    body: str | None = None,
    problems: Iterable[type[Problem]] = ALWAYS,
    is_author: bool = False,
) -> Schema:
    call: Schema = {
        "operationId": name,
        "summary": says,
        "parameters": list(parameters),
        "responses": {
            **{str(status): _answer(status, schema) for status, schema in answers.items()},
            **_refusals(problems),
        },
    }
    if body is not None:
        call["requestBody"] = {"required": True, "content": _json(body)}
    if is_author:
        call["security"] = [{}, {"author": []}]
    return call


def _answer(status: int, schema: str | None) -> Schema:
    content = _json(schema) if schema else {"text/event-stream": {}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _json(schema: str, kind: str = "application/json") -> Schema:
    return {kind: {"schema": ref(schema)}}


def _refusals(problems: Iterable[type[Problem]]) -> dict[str, Schema]:
    """By status: the codes, and when each is said."""
    said: dict[str, list[str]] = {}
    for problem in dict.fromkeys(problems):
        said.setdefault(str(problem.status), []).append(f"`{problem.code}`: {problem.title}.")
    return {
        status: {
            "description": "\n".join(lines),
            "content": _json("Problem", "application/problem+json"),
        }
        for status, lines in sorted(said.items())
    }


PATHS: dict[str, Schema] = {
    "/thread": {
        "get": _call(
            "getThread",
            "A page's thread; 304 when If-None-Match names it",
            {200: "Thread"},
            parameters=[
                URL,
                PAGE,
                _query("sort", {"enum": [sort.value for sort in Sort]}),
                AFTER,
                _query("around", ID, says="The slice that holds this comment."),
                {**LIMIT, "description": f"Root comments, {DEFAULT_LIMIT} unless said."},
                _query(
                    "since",
                    {"type": "integer", "minimum": 0, "maximum": 999_999_999},
                    says="A version of the page: only what changed after it, flat.",
                ),
            ],
            problems=(*ALWAYS, *ABOUT_A_PAGE),
        )
    },
    "/comments/{comment_id}/replies": {
        "get": _call(
            "getReplies",
            "The rest of a comment's replies",
            {200: "Replies"},
            parameters=[COMMENT, AFTER, LIMIT],
            problems=(*ALWAYS, errors.NotFound),
        )
    },
    "/counts": {
        "get": _call(
            "getCounts",
            "How many comments pages have",
            {200: "Counts"},
            parameters=[_query("url", {**of(TEXT), "maxItems": MOST_PAGES})],
        )
    },
    "/stream": {
        "get": _call(
            "getStream",
            "What happens on a page, as server-sent events: `comment` and `update` "
            "`{comment}`, `remove` `{id}`, then `count` `{count, version}`; ids are versions",
            {200: None},
            parameters=[
                URL,
                PAGE,
                _query("since", {"type": "integer", "minimum": 0}, says="A version; else now."),
                {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}},
            ],
            problems=(*ALWAYS, *ABOUT_A_PAGE, errors.RateLimited),
        )
    },
    "/latest": {
        "get": _call(
            "getLatest",
            "The newest comments of a site",
            {200: "Latest"},
            parameters=[_query("site", TEXT, needed=True, says="Its key."), LIMIT],
            problems=(*ALWAYS, errors.UnknownSite),
        )
    },
    "/form": {
        "get": _call(
            "getForm",
            "The token that a post brings along",
            {200: "Form"},
            parameters=[URL, PAGE],
            problems=(*ALWAYS, *ABOUT_A_PAGE),
        )
    },
    "/me/comments": {
        "get": _call(
            "getOwn",
            "One's own comments, votes and reactions on a page",
            {200: "Own"},
            parameters=[URL, PAGE],
            problems=(*ALWAYS, *ABOUT_A_PAGE),
            is_author=True,
        )
    },
    "/me": {
        "get": _call(
            "getMe",
            "Whom this browser is signed in as; null for a guest",
            {200: "Me"},
            parameters=[URL],
            problems=(*ALWAYS, *ABOUT_A_PAGE),
            is_author=True,
        )
    },
    "/sign-in": {
        "parameters": [ORIGIN],
        "post": _call(
            "signIn",
            "Sign in by the code that the window handed to this page",
            {200: "SignedIn"},
            body="HandOver",
            problems=(*WRITING, *ABOUT_A_PAGE, errors.BadCode),
        ),
        "delete": _call(
            "signOut",
            "Let the token open nothing any more",
            {200: "Me"},
            problems=(*WRITING, *ABOUT_A_PAGE),
            is_author=True,
        ),
    },
    "/sign-in/email": {
        "parameters": [ORIGIN],
        "post": _call(
            "askForCode",
            "Mail a code to an address, when it may be mailed",
            {202: "Asked"},
            body="Email",
            problems=(*WRITING, *ABOUT_A_PAGE, errors.BadEmail, errors.NotOffered),
        ),
    },
    "/sign-in/email/code": {
        "parameters": [ORIGIN],
        "post": _call(
            "useCode",
            "Sign in by a mailed code",
            {200: "SignedIn"},
            body="Code",
            problems=(*WRITING, *ABOUT_A_PAGE, errors.BadCode, errors.NotOffered),
            is_author=True,
        ),
    },
    "/sign-in/sso": {
        "parameters": [ORIGIN],
        "post": _call(
            "takeBlogsWord",
            "Sign in by a token that the blog has signed",
            {200: "SignedIn"},
            body="Sso",
            problems=(*WRITING, *ABOUT_A_PAGE, errors.SignInFailed, errors.NotOffered),
        ),
    },
    "/comments": {
        "post": _call(
            "postComment",
            "Post a comment: 201 when it is visible, 202 when it waits",
            {201: "Posted", 202: "Posted"},
            parameters=[ORIGIN, KEY],
            body="Post",
            problems=(
                *WRITING,
                *JUDGED,
                *ABOUT_A_PAGE,
                errors.BadParent,
                errors.BadName,
                errors.BadEmail,
                errors.BadWebsite,
                errors.Closed,
                errors.SignInRequired,
                errors.IdempotencyMismatch,
                errors.ChallengeRequired,
            ),
            is_author=True,
        )
    },
    "/comments/{comment_id}": {
        "parameters": [COMMENT, ORIGIN],
        "patch": _call(
            "editComment",
            "Change one's own comment",
            {200: "Changed"},
            body="Change",
            problems=(*WRITING, *JUDGED, errors.NotYours, errors.TooLate, errors.Conflict),
            is_author=True,
        ),
        "delete": _call(
            "removeComment",
            "Remove one's own comment",
            {200: "Removed"},
            problems=(*WRITING, errors.NotYours, errors.TooLate),
            is_author=True,
        ),
    },
    "/comments/{comment_id}/restore": {
        "parameters": [COMMENT, ORIGIN],
        "post": _call(
            "restoreComment",
            "Bring back what one has just removed",
            {200: "Changed"},
            problems=(*WRITING, errors.NotYours, errors.TooLate),
            is_author=True,
        ),
    },
    "/comments/{comment_id}/vote": {
        "parameters": [COMMENT, ORIGIN],
        "put": _call(
            "vote",
            "Vote on a comment, or take the vote back",
            {200: "Cast"},
            body="Vote",
            problems=(*WRITING, errors.Banned, errors.OwnComment, errors.NotOffered),
            is_author=True,
        ),
    },
    "/comments/{comment_id}/reactions/{name}": {
        "parameters": [
            COMMENT,
            {"name": "name", "in": "path", "required": True, "schema": {"enum": [*REACTIONS]}},
            ORIGIN,
        ],
        "put": _call(
            "react",
            "React to a comment, or take it back",
            {200: "Reacted"},
            body="React",
            problems=(*WRITING, errors.Banned, errors.OwnComment, errors.NotOffered),
            is_author=True,
        ),
    },
    "/comments/{comment_id}/report": {
        "parameters": [COMMENT, ORIGIN],
        "post": _call(
            "report",
            "Report a comment to the moderators",
            {202: "Reported"},
            body="Report",
            problems=(*WRITING, errors.Banned, errors.OwnComment),
            is_author=True,
        ),
    },
    "/preview": {
        "post": _call(
            "preview",
            "A text as it would appear",
            {200: "Preview"},
            parameters=[ORIGIN],
            body="Text",
            problems=(*WRITING, *ABOUT_A_PAGE, errors.Empty, errors.TooLong),
        )
    },
    "/openapi.json": {
        "get": {
            "operationId": "getDescription",
            "summary": "This description",
            "responses": {
                "200": {
                    "description": "OK",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
}
