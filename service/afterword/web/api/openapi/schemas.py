"""What comes and goes. The answers are ``threads.view``'s; the tests hold them against this."""

from __future__ import annotations

from afterword.markup.plain import MAX_NAME
from afterword.moderation.models import Reason
from afterword.posting.challenges import ALGORITHM
from afterword.posting.draft import MOST_NUMBER
from afterword.posting.report import MAX_NOTE
from afterword.sites.options import Policy, Votes
from afterword.threads.models import Follows, Mention
from afterword.web.api.openapi.shapes import (
    COUNT,
    MOMENT,
    TEXT,
    WHETHER,
    Schema,
    by_name,
    has,
    maybe,
    of,
    ref,
    takes,
    text,
)

ID: Schema = {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,40}$"}
CURSOR: Schema = {**TEXT, "description": "What follows: send it as `after`."}

_TALLY = {"score": {"type": "integer"}, "up": COUNT, "down": COUNT}
_COMMENT = {
    "id": ID,
    "parent": maybe(ID),
    "depth": COUNT,
    "author": maybe(ref("Author")),
    "html": {**TEXT, "description": "Clean HTML; empty when it was removed."},
    "created": MOMENT,
    "edited": maybe(MOMENT),
    "state": {"enum": ["visible", "pending", "removed"]},
    **_TALLY,
    "reactions": by_name(COUNT),
    "is_pinned": WHETHER,
    "lang": maybe(TEXT),
    "quote": maybe(TEXT),
    "selector": maybe(ref("Selector")),
    "source": maybe({**TEXT, "description": "The page elsewhere that it was said on."}),
    "replies": of(ref("Comment")),
    "replies_next": maybe(CURSOR),
}

SCHEMAS: dict[str, Schema] = {
    "Author": has(
        name=TEXT,
        website=maybe(TEXT),
        avatar=maybe(TEXT),
        is_moderator=WHETHER,
        is_verified=WHETHER,
    ),
    "Comment": has(**_COMMENT),
    "OwnComment": has(
        **_COMMENT,
        text={**TEXT, "description": "The source, as its author wrote it."},
        revision={**TEXT, "description": "Names this text: a change of it can say it."},
        can_edit=WHETHER,
        edit_until=maybe(MOMENT),
    ),
    "LatestComment": has(**_COMMENT, page=has(url=TEXT, title=maybe(TEXT))),
    "Page": has(
        key=TEXT,
        url=TEXT,
        title=maybe(TEXT),
        is_open=WHETHER,
        closes=maybe(MOMENT),
        count=COUNT,
        version=COUNT,
    ),
    "Site": has(
        name=TEXT,
        policy={"enum": [policy.value for policy in Policy]},
        require_name=WHETHER,
        require_email=WHETHER,
        max_length=COUNT,
        votes={"enum": [votes.value for votes in Votes]},
        reactions=by_name(TEXT),
        can_mail={**WHETHER, "description": "Whether answers can be mailed."},
    ),
    "Account": has(
        name={**TEXT, "description": "Empty until its owner says one."},
        website=maybe(TEXT),
        avatar=maybe(TEXT),
        has_email={**WHETHER, "description": "Whether answers can be mailed to them."},
    ),
    "Me": has(author=maybe(ref("Account"))),
    "SignedIn": has(
        token={**TEXT, "description": "Of this browser, for this site."}, author=ref("Account")
    ),
    "Email": takes("email", email=TEXT),
    "Asked": has(handle={**TEXT, "description": "Comes back with the code."}),
    "Code": takes("handle", "code", handle=TEXT, code=TEXT),
    "Sso": takes("token", token={**TEXT, "description": "A JWT, good once."}),
    "HandOver": takes(
        "code",
        "verifier",
        code=TEXT,
        verifier={**TEXT, "description": "Whose digest opened the window (S256 of RFC 7636)."},
    ),
    "Thread": takes(
        *("page", "site", "comments", "next", "mentions"),
        page=ref("Page"),
        site=ref("Site"),
        comments=of(ref("Comment")),
        next=maybe(CURSOR),
        mentions=of(ref("Mention")),
        fediverse={**ref("Fediverse"), "description": "Where a post is linked to the page."},
    ),
    "Fediverse": has(
        post={**TEXT, "description": "The post that belongs to the page."},
        count=COUNT,
        replies=of(ref("Mention")),
    ),
    "Mention": has(
        id=ID,
        kind={"enum": [kind.value for kind in Mention if kind is not Mention.REPLY]},
        source={**TEXT, "description": "The page elsewhere."},
        name=TEXT,
        website=maybe(TEXT),
        avatar=maybe(TEXT),
        html=TEXT,
        lang=maybe(TEXT),
        created=MOMENT,
        edited=maybe(MOMENT),
    ),
    "Selector": takes(
        "exact",
        type={"const": "TextQuoteSelector"},
        exact=TEXT,
        prefix=TEXT,
        suffix=TEXT,
    ),
    "Replies": has(comments=of(ref("Comment")), next=maybe(CURSOR)),
    "Counts": has(counts=by_name(COUNT)),
    "Latest": has(comments=of(ref("LatestComment"))),
    "Own": has(
        comments=of(ref("OwnComment")),
        votes=by_name({"enum": [1, -1]}),
        reactions=by_name(of(TEXT)),
    ),
    "Form": has(form=TEXT, min_seconds={"type": "number", "minimum": 0}),
    "Post": takes(
        "url",
        "text",
        url={**TEXT, "description": "The page."},
        page=maybe({**TEXT, "description": "The page's own id, where it has one."}),
        title=maybe(TEXT),
        parent=maybe({**TEXT, "description": "The id of the comment that is answered."}),
        text={**TEXT, "description": "Markdown without HTML; images become links."},
        author=maybe(
            takes(
                name=maybe(text(MAX_NAME)),
                email=maybe(TEXT),
                website=maybe(TEXT),
            )
        ),
        quote={
            "oneOf": [TEXT, ref("Selector"), {"type": "null"}],
            "description": "Words of the page that it is about, bare or with those around them.",
        },
        notify={"enum": [None, True, False, "", *(follows.value for follows in Follows)]},
        daily=maybe({**WHETHER, "description": "Once a day, and not at once."}),
        form=maybe({**TEXT, "description": "The token of `/form`."}),
        challenge=maybe(
            takes(
                "token",
                "number",
                token=TEXT,
                number={"type": "integer", "minimum": 0, "maximum": MOST_NUMBER},
            )
        ),
    ),
    "Posted": has(comment=ref("OwnComment"), token=maybe(TEXT)),
    "Text": takes("text", text=TEXT),
    "Change": takes(
        "text",
        text=TEXT,
        revision={**TEXT, "description": "Of the text that this one was made from."},
    ),
    "Changed": has(comment=ref("OwnComment")),
    "Removed": has(comment=ref("OwnComment"), undo_until=MOMENT),
    "Vote": takes("value", value={"enum": [1, 0, -1]}),
    "Cast": has(**_TALLY, mine={"enum": [1, 0, -1]}, token=TEXT),
    "React": takes("on", on=WHETHER),
    "Reacted": has(reactions=by_name(COUNT), token=TEXT),
    "Report": takes(
        "reason",
        reason={"enum": [reason.value for reason in Reason]},
        note=maybe(text(MAX_NOTE)),
    ),
    "Reported": has(reported={"const": True}, token=TEXT),
    "Preview": has(html=TEXT),
    "Problem": {
        **has(type=TEXT, title=TEXT, status={"type": "integer"}, code=TEXT, detail=TEXT),
        "description": "RFC 9457. `fields` says what of the request is meant.",
    },
    "Challenge": has(
        algorithm={"const": ALGORITHM},
        salt=TEXT,
        difficulty={**COUNT, "description": "Zero bits that the digest begins with."},
        expires=MOMENT,
        token=TEXT,
    ),
}
SCHEMAS["Site"]["properties"]["look"] = {
    **by_name(TEXT),
    "description": "Of `theme`, `accent`, `radius`, `density`, `font` what the owner chose.",
}
SCHEMAS["Site"]["properties"]["texts"] = {
    **by_name({"oneOf": [TEXT, by_name(TEXT)]}),
    "description": "Sentences of the widget that the owner says otherwise, by their keys.",
}
SCHEMAS["Site"]["properties"]["sign_in"] = {
    **has(ways=of(has(name=TEXT, label=TEXT)), is_required=WHETHER),
    "description": "Where one can: `email` by a mailed code, the others in the window.",
}
SCHEMAS["Problem"]["properties"]["fields"] = by_name(TEXT)
SCHEMAS["Problem"]["properties"]["challenge"] = ref("Challenge")
SCHEMAS["Problem"]["properties"]["comment"] = {
    **ID,
    "description": "With `idempotency_mismatch`: what was sent with this key before.",
}
SCHEMAS["Thread"]["properties"]["gone"] = {
    **of(ID),
    "description": "With `since`: what is not shown any more. Without it, all is in `comments`.",
}
SCHEMAS["Thread"]["properties"]["new"] = {
    **of(ID),
    "description": "With `since`: those of `comments` that were not shown before.",
}
SCHEMAS["Site"]["properties"]["passages"] = {
    **WHETHER,
    "description": "Whether comments may be about words of the page that a reader selects.",
}
