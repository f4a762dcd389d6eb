"""Who may do what to comments and pages."""

from __future__ import annotations

from afterword.core.errors import BadParent, Closed
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Page, State


def may_post(draft: Draft, page: Page | None, parent: Comment | None) -> None:
    """Raises Closed or BadParent when this may not be said here."""
    if page is not None and not page.is_open and not draft.is_moderator:
        raise Closed("Comments on this page are closed.")
    if draft.parent is None:
        return
    if parent is None or page is None or parent.page_id != page.id:
        raise BadParent("The comment that you answer is not on this page.")
    if parent.state is not State.VISIBLE:
        raise BadParent("The comment that you answer is no longer there.")
