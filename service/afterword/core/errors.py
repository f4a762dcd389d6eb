"""What a visitor can act on: one class for each stable code.

Shown in one place as `application/problem+json` (RFC 9457) or as a page.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from afterword.core.i18n import N_, _


class Problem(Exception):
    """A refusal that the visitor can act on, with a sentence that says how (RFC 9457)."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = N_("The request was not understood")
    # The form field that a problem of this kind is about, unless the raiser says otherwise.
    field: ClassVar[str | None] = None

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        fields: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        about = field or self.field
        self.detail = detail
        self.fields = dict(fields) if fields else {about: detail} if about else {}
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        """The members of an RFC 9457 problem document."""
        problem: dict[str, Any] = {
            # A URN, since the service's own address is the owner's to choose (RFC 9457, 3.1.1).
            "type": f"urn:afterword:problem:{self.code}",
            "title": _(self.title),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.fields:
            problem["fields"] = self.fields
        return problem


class BadRequest(Problem):
    """The request is malformed (RFC 9110, 400)."""


class TooLarge(Problem):
    """The body is larger than the service reads (RFC 9110, 413)."""

    status = 413
    code = "too_large"
    title = N_("The request is too large")


class TooLong(Problem):
    """A text has more characters than its field takes."""

    code = "too_long"
    title = N_("The text is too long")
    field = "text"


class Empty(Problem):
    """A text that is needed is missing or blank."""

    code = "empty"
    title = N_("The text is empty")
    field = "text"


class BadUrl(Problem):
    """A page's address cannot be used."""

    code = "bad_url"
    title = N_("The page address is not usable")
    field = "url"


class UnknownSite(Problem):
    """No site claims the page's origin."""

    status = 404
    code = "unknown_site"
    title = N_("Comments are not set up for this site")


class BadOrigin(Problem):
    """The writing page's origin is not one of the site's."""

    status = 403
    code = "bad_origin"
    title = N_("Comments cannot be written from here")


class BadParent(Problem):
    """A reply names a comment that is not on its page."""

    code = "bad_parent"
    title = N_("The comment answered to is not here")
    field = "parent"


class Closed(Problem):
    """The page takes no more comments."""

    status = 403
    code = "closed"
    title = N_("Comments are closed")


class BadEmail(Problem):
    """An e-mail address cannot be used."""

    code = "bad_email"
    title = N_("The e-mail address is not usable")
    field = "email"


class BadWebsite(Problem):
    """An author's website address cannot be used."""

    code = "bad_website"
    title = N_("The website address is not usable")
    field = "website"


class BadName(Problem):
    """An author's name cannot be used."""

    code = "bad_name"
    title = N_("The name is not usable")
    field = "name"


class BadCode(Problem):
    """What was mailed, or handed to a page, is another."""

    code = "bad_code"
    title = N_("The code is not right")
    field = "code"


class SignInFailed(Problem):
    """Whoever should vouch for somebody did not."""

    code = "sign_in_failed"
    title = N_("You are not signed in")


class SignInRequired(Problem):
    """Only who has signed in may write on this site."""

    status = 403
    code = "sign_in_required"
    title = N_("Please sign in first")


class NotFound(Problem):
    """There is nothing here, or nothing the visitor may see."""

    status = 404
    code = "not_found"
    title = N_("Not found")


class NotYours(Problem):
    """The comment belongs to someone else."""

    status = 403
    code = "not_yours"
    title = N_("This is someone else's comment")


class OwnComment(Problem):
    """What is for others to do: nobody votes on words of their own."""

    status = 403
    code = "own_comment"
    title = N_("This is your own comment")


class NotOffered(Problem):
    """The site's owner has switched this off."""

    status = 403
    code = "not_offered"
    title = N_("This site does not offer that")


class TooLate(Problem):
    """The time in which this could be done is over."""

    status = 403
    code = "too_late"
    title = N_("The time to do this is over")


class IdempotencyMismatch(Problem):
    """An Idempotency-Key came back with another body (RFC 9110, 422)."""

    status = 422
    code = "idempotency_mismatch"
    title = N_("This key was used for another comment")

    def __init__(self, detail: str, *, comment_id: str) -> None:
        super().__init__(detail)
        self.comment_id = comment_id

    def as_json(self) -> dict[str, Any]:
        """See ``Problem``; with the comment that the key was used for."""
        return {**super().as_json(), "comment": self.comment_id}


class ChallengeRequired(Problem):
    """A proof of work is asked for before the comment is taken (RFC 6585, 428)."""

    status = 428
    code = "challenge_required"
    title = N_("A short check is needed first")

    def __init__(self, detail: str, *, challenge: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.challenge = dict(challenge)

    def as_json(self) -> dict[str, Any]:
        """See ``Problem``; with what has to be solved."""
        return {**super().as_json(), "challenge": self.challenge}


class RateLimited(Problem):
    """Too many requests in a short time; `retry_after` says when to come back (RFC 6585, 429)."""

    status = 429
    code = "rate_limited"
    title = N_("Too many requests")


class Banned(Problem):
    """The visitor may not write on this site."""

    status = 403
    code = "banned"
    title = N_("You may not write here")


class Rejected(Problem):
    """The site's rules refuse the comment."""

    status = 403
    code = "rejected"
    title = N_("The comment was refused")


class NotReady(Problem):
    """The service cannot answer now; `retry_after` says when to try again (RFC 9110, 503)."""

    status = 503
    code = "not_ready"
    title = N_("Not ready")


class Conflict(Problem):
    """What the moderator acted on has changed, or already exists (RFC 9110, 409)."""

    status = 409
    code = "conflict"
    title = N_("Already changed or taken")
