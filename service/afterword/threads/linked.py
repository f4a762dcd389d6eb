"""A thread as linked data, which search engines read: schema.org's ``DiscussionForumPosting``.

Who wrote the post and when, only the blog knows.
"""

from __future__ import annotations

import json

from afterword.markup import plain
from afterword.threads.view import Json

MOST_TEXT = 5000


def thread(page: Json, comments: list[Json], *, permalinks: str | None, nameless: str) -> str:
    """JSON-LD of comments as ``view`` shows them; no ``<`` in it can end a script element.

    ``permalinks`` is the address that a comment's id is put behind, None where there is none;
    ``nameless`` what authors without a name are called.
    """
    said = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "url": page["url"],
        "headline": page["title"] or page["url"],
        "commentCount": page["count"],
        "comment": _comments(comments, permalinks, nameless),
    }
    return json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")


def _comments(comments: list[Json], permalinks: str | None, nameless: str) -> list[Json]:
    found: list[Json] = []
    for one in comments:
        if one["author"]:
            found.append(_comment(one, permalinks, nameless))
        else:  # removed: what answers it stands in its place
            found += _comments(one["replies"], permalinks, nameless)
    return found


def _comment(comment: Json, permalinks: str | None, nameless: str) -> Json:
    url = {"url": f"{permalinks}{comment['id']}"} if permalinks else {}
    return {
        "@type": "Comment",
        **url,
        "datePublished": comment["created"],
        "author": {"@type": "Person", "name": comment["author"]["name"] or nameless},
        "text": plain.excerpt(comment["html"], MOST_TEXT),
        "comment": _comments(comment["replies"], permalinks, nameless),
    }
