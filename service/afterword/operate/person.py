"""One person's data: all of it to take along, or gone for good (GDPR, articles 15, 17 and 20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    delete,
    func,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.orm import joinedload

from afterword.core import cache, clock, config
from afterword.core.db import Model, db, transaction
from afterword.identity import accounts, reader_passkeys
from afterword.identity.models import (
    Account,
    Author,
    Confirmation,
    Identity,
    IdentityKind,
    Passport,
)
from afterword.mentions import inbox, outbox
from afterword.moderation import audit, bans, states
from afterword.moderation.models import Act, Ban, BanKind, Notice, Remark, Report
from afterword.notify.models import Delivery
from afterword.posting import pictures
from afterword.sites import directory
from afterword.spam.models import Lesson
from afterword.spam.traces import Trace
from afterword.threads import counts, score, turns, view
from afterword.threads.models import Comment, Reaction, Receipt, State, Subscription, Vote
from afterword.transfer.uploads import acts as uploads
from afterword.transfer.uploads import content

T = TypeVar("T")

ERASED: Final = "an erased address"


@dataclass(frozen=True)
class Person:
    """Whoever owns an address: what was written with it, and all that their browsers did."""

    emails: tuple[str, ...]  # none of somebody who gave none
    authors: tuple[str, ...]  # ids of those who have confirmed one, or are signed in
    accounts: tuple[str, ...] = ()


def find(email: str) -> Person:
    """The person behind an address, which may be nobody whom we know."""
    signed_in = map(_signed_in, accounts.with_email(email))
    return together([_of_address(email), *signed_in, *map(_claimed, accounts.claimed(email))])


def of_account(account: Account) -> Person:
    """The person who has an account, with all that goes by their addresses."""
    return together([_signed_in(account), *map(_of_address, accounts.emails(account))])


def of_author(author_id: str) -> Person:
    """Whoever writes as an author: a browser, or an account."""
    author = db.session.get(Author, author_id)
    if author is not None and author.account is not None:
        return of_account(author.account)
    return Person((), (author_id,))


def together(known: Iterable[Person]) -> Person:
    """One person, who is known by several things."""
    everyone = list(known)
    return Person(
        tuple(dict.fromkeys(email for one in everyone for email in one.emails)),
        tuple(sorted({author for one in everyone for author in one.authors})),
        tuple(sorted({account for one in everyone for account in one.accounts})),
    )


def _of_address(email: str) -> Person:
    rows = select(Identity.author_id).where(
        Identity.kind == IdentityKind.EMAIL, Identity.subject == email
    )
    return Person((email,), tuple(db.session.scalars(rows.order_by(Identity.author_id))))


def _signed_in(account: Account) -> Person:
    return Person(accounts.emails(account), tuple(accounts.author_ids(account.id)), (account.id,))


def _claimed(account: Account) -> Person:
    """An account of which a blog says that the address is theirs. Their own other addresses, which
    they proved, may be of somebody else than that address."""
    return Person((), tuple(accounts.author_ids(account.id)), (account.id,))


def written(person: Person) -> dict[str, Any]:
    """All that is kept of somebody, as values that JSON takes. Of others there is nothing in it."""
    mine = person.authors
    votes = db.session.scalars(select(Vote).where(Vote.author_id.in_(mine)))
    reactions = db.session.scalars(select(Reaction).where(Reaction.author_id.in_(mine)))
    reports = db.session.scalars(select(Report).where(Report.author_id.in_(mine)))
    follows = db.session.scalars(select(Subscription).where(_wished(person)))
    remarks = db.session.scalars(select(Remark).where(Remark.author_id.in_(mine)))
    asked = db.session.scalars(select(Confirmation).where(Confirmation.email.in_(person.emails)))
    wrote = comments(person)
    return {
        "emails": list(person.emails),
        "is_confirmed": bool(mine),
        "accounts": [_account(account) for account in _accounts(person)],
        "comments": [_said(comment) for comment in wrote],
        "told": [
            {
                "comment": one.comment_id,
                "page": one.target,
                "at": clock.text(one.at) if one.at else None,
            }
            for one in outbox.of_comments([comment.id for comment in wrote])
        ],
        "votes": [
            {"comment": one.comment_id, "value": one.value, "at": clock.text(one.created)}
            for one in votes
        ],
        "reactions": [
            {"comment": one.comment_id, "name": one.name, "at": clock.text(one.created)}
            for one in reactions
        ],
        "reports": [
            {
                "comment": one.comment_id,
                "reason": one.reason.value,
                "note": one.note,
                "at": clock.text(one.at),
            }
            for one in reports
        ],
        "remarks": [{"text": one.text, "at": clock.text(one.at)} for one in remarks],
        "asked": [
            {
                "comment": one.comment_id,
                "sent": clock.text(one.sent) if one.sent else None,
                "confirmed": clock.text(one.used) if one.used else None,
            }
            for one in asked
        ],
        "mails": [
            {
                "site": directory.by_id(one.site_id).key,
                "follows": one.follows.value,
                "since": clock.text(one.created),
                "until": clock.text(one.ended) if one.ended else None,
            }
            for one in follows
        ],
    }


def comments(person: Person) -> list[Comment]:
    """What they wrote, oldest first, by address or by browser."""
    rows = select(Comment).options(joinedload(Comment.page)).where(_theirs(person))
    rows = rows.order_by(Comment.created, Comment.id).execution_options(populate_existing=True)
    return list(db.session.scalars(rows))


def erase(person: Person, *, by: str) -> int:
    """Take all of it away, and answer of how many comments. It cannot be undone.

    Comments become tombstones without name and words, so that what others answered keeps its place.
    A ban of the address goes on, by a pseudonym. Files that were sent to be imported and name the
    address are dropped. Raises Conflict while one is coming in.
    """
    files = content.naming(person.emails)
    with transaction():
        dropped = uploads.forget(files)
        turns.sites(_sites(person))
        found = comments(person)
        ids = [comment.id for comment in found]
        inbox.forget(found)
        outbox.forget(found)
        _take_votes_back(person)
        for comment in found:
            _blank(comment)
        _forget(person, ids)
        many = "1 comment" if len(found) == 1 else f"{len(found)} comments"
        many_files = "1 file" if dropped == 1 else f"{dropped} files"
        files_too = f", and {many_files} sent to be imported" if dropped else ""
        audit.note("erase", by=by, note=f"{many} of one person, with all about them{files_too}")
    _forget_words()
    cache.empty(config.current())  # threads as they were are in it, until newer ones push them out
    return len(found)


def _sites(person: Person) -> CompoundSelect[int]:
    """Where they wrote, voted or reacted."""
    acted = select(Author.site_id).where(Author.id.in_(person.authors))
    return union(acted, select(Comment.site_id).where(_theirs(person)))


def _theirs(person: Person) -> ColumnElement[bool]:
    return or_(Comment.email.in_(person.emails), Comment.author_id.in_(person.authors))


def _accounts(person: Person) -> list[Account]:
    rows = select(Account).where(Account.id.in_(person.accounts)).order_by(Account.id)
    return list(db.session.scalars(rows))


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "website": account.website,
        "email": account.email,
        "lang": account.lang,
        "since": clock.text(account.created),
        "signs_in_by": [
            {
                "kind": one.kind.value,
                "issuer": one.issuer,
                "subject": one.subject,
                "label": one.label,
                "email": one.email,
                "picture": one.picture_url,
                "since": clock.text(one.created),
            }
            for one in account.passports
        ],
        "passkeys": [
            {
                "name": one.name,
                "since": clock.text(one.created),
                "used": clock.text(one.used) if one.used else None,
            }
            for one in reader_passkeys.of(account)
        ],
        "signed_in": [
            {"site": directory.by_id(site_id).key, "seen": clock.text(seen)}
            for site_id, seen in accounts.tokens(account)
        ],
    }


def _said(comment: Comment) -> dict[str, Any]:
    site = directory.by_id(comment.site_id)
    own = view.own(comment, options=site.options)
    page = {"url": comment.page.url, "title": comment.title_of_page}
    return {**own, "email": comment.email, "site": site.key, "page": page}


def _blank(comment: Comment) -> None:
    comment.name = comment.text = comment.html = ""
    comment.email = comment.website = comment.quote = comment.lang = comment.form_age = None
    comment.picture_id = comment.quote_prefix = comment.quote_suffix = None
    comment.author_id, comment.is_verified, comment.reasons = None, False, []
    comment.source = comment.said = comment.page_title = comment.page_url = None
    before = comment.state
    if before is not State.REMOVED:
        states.move(comment, State.REMOVED)
        counts.settle(comment, before=before)


def _take_votes_back(person: Person) -> None:
    changed: dict[str, Comment] = {}
    for vote in _as_stored(select(Vote).where(Vote.author_id.in_(person.authors))):
        comment = _to_change(vote.comment_id, changed)
        score.count(comment, up=-(vote.value > 0), down=-(vote.value < 0))
        db.session.delete(vote)
    given = select(Reaction).where(Reaction.author_id.in_(person.authors))
    for reaction in _as_stored(given):
        comment = _to_change(reaction.comment_id, changed)
        left = comment.reactions.get(reaction.name, 0) - 1
        others = {name: n for name, n in comment.reactions.items() if name != reaction.name}
        comment.reactions = {**others, **({reaction.name: left} if left > 0 else {})}
        db.session.delete(reaction)
    db.session.flush()
    for page_id in sorted({comment.page_id for comment in changed.values()}):
        counts.touch(page_id, *(one for one in changed.values() if one.page_id == page_id))


def _to_change(comment_id: str, changed: dict[str, Comment]) -> Comment:
    """A comment as it is stored, but for what was taken back of it already."""
    if comment_id not in changed:
        changed[comment_id] = db.session.get_one(Comment, comment_id, populate_existing=True)
    return changed[comment_id]


def _as_stored(rows: Select[T]) -> Sequence[T]:
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def _wished(person: Person) -> ColumnElement[bool]:
    """Not what somebody else asked to have mailed to an address that is theirs."""
    of_address = Subscription.email.in_(person.emails)
    own = Subscription.waits_for.in_(person.authors)
    # Of an address that nobody has confirmed, it is not known who is somebody else.
    return or_(own, of_address & Subscription.waits_for.is_(None) if person.authors else of_address)


def _forget(person: Person, ids: list[str]) -> None:
    """What stands about them in other tables. What a moderator decided stays in the log."""
    accounts.forget(_accounts(person))
    pictures.drop_unused()
    for kind, about in (
        (Trace, Trace.comment_id.in_(ids)),
        (Lesson, Lesson.comment_id.in_(ids)),
        (Receipt, Receipt.comment_id.in_(ids)),
        (Delivery, Delivery.comment_id.in_(ids)),
        (Notice, Notice.comment_id.in_(ids)),
        (Report, Report.comment_id.in_(ids)),
        (Report, Report.author_id.in_(person.authors)),
        (Confirmation, Confirmation.email.in_(person.emails)),
        (Subscription, Subscription.email.in_(person.emails)),
        (Subscription, Subscription.waits_for.in_(person.authors)),
        (Identity, Identity.author_id.in_(person.authors)),
        (Remark, Remark.author_id.in_(person.authors)),
        (Author, Author.id.in_(_unbanned(person.authors))),
    ):
        _delete(kind, about)
    _forget_notes(person, ids)
    _change(Act, Act.comment_id.in_(ids), text_before=None, note=None, state_before=None)
    _change(Act, Act.subject.in_([f"author:{one}" for one in person.authors]), subject=None)
    for email in person.emails:
        _forget_bans(email)
        # As somebody else's provider or blog has called them: it is an address of this person.
        _change(Passport, Passport.label == email, label=ERASED)
        _change(Account, Account.email == email, email=None)


def _forget_notes(person: Person, ids: list[str]) -> None:
    """What bans made from a comment are for: its author's name, where nothing else was said."""
    named = select(Act.subject).where(Act.comment_id.in_(ids), Act.subject.startswith("ban:"))
    numbers = {int(subject.partition(":")[2]) for subject in db.session.scalars(named) if subject}
    is_of_author = (Ban.kind == BanKind.AUTHOR) & Ban.value.in_(person.authors)
    _change(Ban, Ban.id.in_(numbers) | is_of_author, note="")


def _forget_bans(email: str) -> None:
    """Of acts that are about no comment, those about bans name addresses."""
    is_of_ban = Act.verb.in_(["ban", "unban"]) & Act.note.contains(email, autoescape=True)
    _change(Act, is_of_ban, note=func.replace(Act.note, email, ERASED))
    is_its_ban = (Ban.kind == BanKind.EMAIL) & (Ban.value == email)
    _change(Ban, is_its_ban, value=bans.pseudonym(email), note="")


def _unbanned(authors: Iterable[str]) -> list[str]:
    """Those of whom nothing needs to be kept: a ban goes by its author."""
    banned = select(Ban.value).where(Ban.kind == BanKind.AUTHOR, Ban.value.in_(authors))
    return sorted(set(authors) - set(db.session.scalars(banned)))


def _delete(kind: type[Model], about: ColumnElement[bool]) -> None:
    gone = delete(kind).where(about)
    db.session.execute(gone.execution_options(synchronize_session=False))


def _change(kind: type[Model], about: ColumnElement[bool], **values: Any) -> None:
    changed = update(kind).where(about).values(**values)
    db.session.execute(changed.execution_options(synchronize_session=False))


def _forget_words() -> None:
    """Have SQLite write its index of words anew, of which old parts hold what was taken out of it,
    and empty the journal beside its file."""
    if db.engine.dialect.name != "sqlite":
        return
    with transaction() as session:
        for name in ("comment_words", "page_words"):
            session.execute(text(f"INSERT INTO {name} ({name}) VALUES ('optimize')"))  # noqa: S608
    with db.engine.connect() as connection:
        # By the driver: within a transaction it cannot be. Who reads meanwhile puts it off.
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
