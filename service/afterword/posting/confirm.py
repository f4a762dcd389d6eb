"""Let people prove by a mailed link or code whose an address is, and reach what is theirs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from afterword.core.db import db, insist, transaction
from afterword.core.errors import BadCode
from afterword.core.i18n import _
from afterword.identity import accounts, confirmations
from afterword.identity.models import Account
from afterword.jobs import queue
from afterword.moderation import merges
from afterword.threads import counts, ownership, subscriptions, turns
from afterword.threads.models import Comment, State

SHOWN = 200


def ask(email: str, *, is_new: bool = False) -> str:
    """Mail a link and a code, when the address may be mailed; answers what the code belongs to.

    Only where somebody is known by it, unless ``is_new`` lets them begin here. The answer is always
    alike: a stranger learns nothing about an address.
    """
    with transaction():
        asked = confirmations.ask(email)
        if (is_new or _is_known(email)) and confirmations.may_ask(email):
            confirmations.mark_sent(asked)
            queue.add("sign-in", {"confirmation_id": asked.id})
        return confirmations.handle(asked)


def confirm(token: str) -> Account:
    """Use a mailed link up: its address is whose it is from now on, and they are let in.

    The comments that its author wrote with the address are marked, and the mails that they asked
    for begin. Raises BadRequest.
    """
    return insist(lambda: _confirm(token))  # again when another tab made their profile


def _confirm(token: str) -> Account:
    with transaction():
        used = confirmations.use(token)
        mark(used.email, author_id=used.author_id)
        if used.author_id is not None:
            for double in subscriptions.let_count(used.email, author_id=used.author_id):
                merges.drop_double(double)
        return accounts.let_in(accounts.by_email(used.email))


def confirm_code(handle: str, code: str) -> Account:
    """The same with a code. Raises BadRequest, BadCode."""
    account = insist(lambda: _confirm_code(handle, code))
    # Only now: that it was tried is to be kept.
    if account is None:
        raise wrong_code()
    return account


def _confirm_code(handle: str, code: str) -> Account | None:
    with transaction():
        used = confirmations.use_code(handle, code)
        return None if used is None else accounts.let_in(accounts.by_email(used.email))


def wrong_code() -> BadCode:
    """What is said of another code than that of the mail."""
    return BadCode(_("This is not the code in the mail. Look once more: it has six digits."))


def _is_known(email: str) -> bool:
    commented = db.session.scalar(select(Comment.id).where(Comment.email == email).limit(1))
    return commented is not None or bool(accounts.with_email(email))


def comments(account: Account, *, limit: int = SHOWN) -> list[Comment]:
    """What somebody wrote, on every site, the newest first."""
    rows = (
        select(Comment)
        .options(joinedload(Comment.page))
        .where(ownership.is_theirs(account.id), Comment.state != State.REMOVED)
        .order_by(Comment.created.desc(), Comment.id.desc())
    )
    return list(db.session.scalars(rows.limit(limit)))


def mark(email: str, *, author_id: str | None) -> None:
    """Mark what an author wrote with an address that they have proved to own. In a transaction."""
    if author_id is None:
        return
    rows = select(Comment).where(
        Comment.email == email,
        Comment.author_id == author_id,
        Comment.is_verified.is_(False),
    )
    marked = turns.every(rows)
    for comment in marked:
        comment.is_verified = True
    db.session.flush()
    for page_id in sorted({comment.page_id for comment in marked if comment.is_shown}):
        counts.touch(page_id, *(one for one in marked if one.page_id == page_id))
