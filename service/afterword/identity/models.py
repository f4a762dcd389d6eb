"""Tables of authors and moderators. Secrets are kept as digests only."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from afterword.core import clock, ids, signing
from afterword.core.db import Model, named


class Standing(StrEnum):
    """What an owner decided of an author's comments to come."""

    NORMAL = "normal"  # the site's policy decides
    HELD = "hold"  # each waits
    TRUSTED = "trust"  # each appears at once


class IdentityKind(StrEnum):
    """By what somebody is known beside their browser."""

    EMAIL = "email"


class Author(Model):
    """Who writes on one site: a guest's browser, known by the secret it keeps, or an account.

    Guests' names are said per comment. Of an account the secret is nobody's: its browsers hold
    tokens that can be ended (``AuthorToken``).
    """

    __tablename__ = "authors"
    __table_args__ = (
        UniqueConstraint("site_id", "token_hash"),
        Index("ix_authors_account", "account_id", "site_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    standing: Mapped[Standing] = mapped_column(
        named(Standing),
        default=Standing.NORMAL,
        server_default=Standing.NORMAL.value,
    )
    # Whether the blog that signed them in says that they write for it: a badge, no rights.
    is_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    seen: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # when they last wrote

    account: Mapped[Account | None] = relationship()


class Account(Model):
    """Somebody who signed in, on every site of the service; of one site when its blog vouches."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    site_id: Mapped[int | None] = mapped_column(
        ForeignKey("sites.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(60), default="")  # empty until they say one
    website: Mapped[str | None] = mapped_column(String(320))
    # As the one blog says that vouches: it proves nothing elsewhere.
    email: Mapped[str | None] = mapped_column(String(254))
    lang: Mapped[str | None] = mapped_column(String(35))  # that they are spoken to in
    picture_id: Mapped[str | None] = mapped_column(String(64), index=True)
    shows_picture: Mapped[bool] = mapped_column(default=True)
    # What devices with a passkey know them by: random, so that it tells nobody who it is.
    user_handle: Mapped[str] = mapped_column(String(43), default=signing.new_secret)
    # How often they gave the feed of answers to them another address: older ones lead nowhere.
    feed_resets: Mapped[int] = mapped_column(default=0, server_default="0")
    # How often they signed out everywhere: keys of their page from before open it no more.
    key_resets: Mapped[int] = mapped_column(default=0, server_default="0")
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)

    passports: Mapped[list[Passport]] = relationship(
        back_populates="account", cascade="all, delete-orphan", order_by="Passport.id"
    )


class PassportKind(StrEnum):
    """Who vouches for somebody."""

    EMAIL = "email"  # their mailbox
    GITHUB = "github"
    GOOGLE = "google"
    GITLAB = "gitlab"
    MASTODON = "mastodon"
    OIDC = "oidc"  # whoever speaks OpenID Connect
    SSO = "sso"  # the blog itself


class Passport(Model):
    """What somebody signs in by: who they are, as another says it."""

    __tablename__ = "passports"
    __table_args__ = (UniqueConstraint("kind", "issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[PassportKind] = mapped_column(named(PassportKind))
    issuer: Mapped[str] = mapped_column(String(300), default="")
    subject: Mapped[str] = mapped_column(String(255))  # OpenID Connect Core, 2: at most 255
    label: Mapped[str] = mapped_column(String(254))  # as its owner knows it
    # An address that is theirs, as one says whom the owner of the service believes it.
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    picture_url: Mapped[str | None] = mapped_column(String(1000))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    used: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)

    account: Mapped[Account] = relationship(back_populates="passports")


class AuthorToken(Model):
    """That an account is signed in in a browser, on one site: revocable, because it is a row."""

    __tablename__ = "author_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"), index=True)
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    seen: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)


class Errand(Model):
    """A sign-in that has gone to a provider and not come back yet.

    ``browser_hash`` is of a secret that only the window holds from which it went.
    """

    __tablename__ = "errands"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    issuer: Mapped[str] = mapped_column(String(300))
    nonce: Mapped[str] = mapped_column(String(43))
    verifier: Mapped[str] = mapped_column(String(43))  # of PKCE (RFC 7636): ours, told to nobody
    browser_hash: Mapped[str] = mapped_column(String(64))
    # The page that waits, and what only it can answer; none where somebody came to our own page.
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    origin: Mapped[str | None] = mapped_column(String(300))
    challenge: Mapped[str | None] = mapped_column(String(43))
    # Whose profile the new passport is to be joined to.
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class HandOver(Model):
    """That somebody has signed in for a page, which has a moment to say that it is this page."""

    __tablename__ = "hand_overs"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(300))
    challenge: Mapped[str] = mapped_column(String(43))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class Instance(Model):
    """A Mastodon server at which this service has registered itself."""

    __tablename__ = "instances"

    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(300))
    client_secret: Mapped[str] = mapped_column(String(300))
    redirect_uri: Mapped[str] = mapped_column(String(300))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)


class Picture(Model):
    """A picture of somebody, small and drawn anew. Named by what it holds."""

    __tablename__ = "pictures"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class AccountPasskey(Model):
    """The public half of a key pair on a reader's device, by which they sign in."""

    __tablename__ = "account_passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    credential: Mapped[str] = mapped_column(String(1400), unique=True)  # its id, in base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # as COSE writes it (RFC 9052)
    count: Mapped[int] = mapped_column(BigInteger)  # how often it was used, says the device
    name: Mapped[str] = mapped_column(String(60))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    used: Mapped[dt.datetime | None] = mapped_column(clock.Instant)

    # What the device knows its owner by, where that is an account that became part of this one.
    former_handle: Mapped[str | None] = mapped_column(String(43))

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    @property
    def user_handle(self) -> str:
        """What the device knows its owner by."""
        return self.former_handle or self.account.user_handle


class Identity(Model):
    """Something that an author has proved to be: so far, the owner of an e-mail address.

    Authors of a site who proved the same are one person, in several browsers.
    """

    __tablename__ = "identities"
    __table_args__ = (Index("ix_identities_subject", "kind", "subject", "author_id"),)

    author_id: Mapped[str] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[IdentityKind] = mapped_column(named(IdentityKind), primary_key=True)
    subject: Mapped[str] = mapped_column(String(254), primary_key=True)
    proved: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)


class Confirmation(Model):
    """A link and a code, mailed to an address to prove that it is theirs who ask. Good once."""

    __tablename__ = "confirmations"
    __table_args__ = (Index("ix_confirmations_email", "email", "sent"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=ids.new)
    email: Mapped[str] = mapped_column(String(254))
    # Of the comment with which the address was given; none where somebody asked on our own page.
    author_id: Mapped[str | None] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), index=True
    )
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)
    # Six digits that stand for the link, as a pseudonym: a plain digest of them is guessed at once.
    code: Mapped[str | None] = mapped_column(String(32))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    sent: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # when its mail was due
    used: Mapped[dt.datetime | None] = mapped_column(clock.Instant)
    # In which they were spoken to; empty where nobody knows.
    language: Mapped[str] = mapped_column(String(10), default="", server_default="")


class Notices(StrEnum):
    """Of which comments a moderator is told by mail."""

    OFF = "off"
    HELD = "held"  # those that wait
    ALL = "all"  # those that appear as well


class Role(StrEnum):
    """How much is a moderator's to see and to decide."""

    OWNER = "owner"  # everything
    MODERATOR = "moderator"  # the comments of some sites


class Moderator(Model):
    """Someone who may decide over comments."""

    __tablename__ = "moderators"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    # Empty as long as they have not used their invitation.
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(
        named(Role), default=Role.OWNER, server_default=Role.OWNER.value
    )
    notices: Mapped[Notices] = mapped_column(
        named(Notices), default=Notices.HELD, server_default=Notices.HELD.value
    )
    # Of the second step; it has to be told again, so it cannot be kept as a digest.
    totp_secret: Mapped[str | None] = mapped_column(String(32))
    totp_last: Mapped[int] = mapped_column(default=0, server_default="0")  # the step last used
    # What devices with a passkey know them by: random, so that it tells nobody who it is.
    user_handle: Mapped[str] = mapped_column(
        String(43), default=signing.new_secret, server_default=""
    )
    # One mail a day that sums up, instead of one a comment.
    is_daily: Mapped[bool] = mapped_column(default=False, server_default=false())
    summary: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # when the next one is due
    # Of the desk and of their mails; empty: the desk as the browser asks for, mails in the site's.
    language: Mapped[str] = mapped_column(String(10), default="", server_default="")
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)

    posts: Mapped[list[ModeratorSite]] = relationship(cascade="all, delete-orphan")

    @property
    def is_owner(self) -> bool:
        """Whether everything is theirs to see and to decide."""
        return self.role is Role.OWNER

    @property
    def has_second_step(self) -> bool:
        """Whether a code is asked for after their password."""
        return self.totp_secret is not None

    @property
    def is_invited(self) -> bool:
        """Whether they have not come yet."""
        return not self.password_hash


class ModeratorSite(Model):
    """That a moderator who is no owner decides over the comments of a site."""

    __tablename__ = "moderator_sites"

    moderator_id: Mapped[int] = mapped_column(
        ForeignKey("moderators.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(
        ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RecoveryCode(Model):
    """What stands for a code of a moderator's app, once."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[int] = mapped_column(
        ForeignKey("moderators.id", ondelete="CASCADE"), index=True
    )


class Passkey(Model):
    """The public half of a key pair on a moderator's device, by which they log in."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    moderator_id: Mapped[int] = mapped_column(
        ForeignKey("moderators.id", ondelete="CASCADE"), index=True
    )
    credential: Mapped[str] = mapped_column(String(1400), unique=True)  # its id, in base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # as COSE writes it (RFC 9052)
    count: Mapped[int] = mapped_column(BigInteger)  # how often it was used, says the device
    name: Mapped[str] = mapped_column(String(60))
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    used: Mapped[dt.datetime | None] = mapped_column(clock.Instant)

    moderator: Mapped[Moderator] = relationship(lazy="joined", innerjoin=True)

    @property
    def user_handle(self) -> str:
        """What the device knows its owner by."""
        return self.moderator.user_handle


class SpentNonce(Model):
    """A challenge for a passkey that was answered: no second answer to it counts."""

    __tablename__ = "spent_nonces"

    nonce_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now, index=True)


class Session(Model):
    """A log-in of a moderator: revocable, because it is a row."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[int] = mapped_column(
        ForeignKey("moderators.id", ondelete="CASCADE"), index=True
    )
    agent: Mapped[str] = mapped_column(String(60), default="", server_default="")  # in words
    created: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    seen: Mapped[dt.datetime] = mapped_column(clock.Instant, default=clock.now)
    proved: Mapped[dt.datetime | None] = mapped_column(clock.Instant)  # that it is they, once more

    moderator: Mapped[Moderator] = relationship(lazy="joined", innerjoin=True)


class Try(Model):
    """How often somebody tried to log in, by pseudonyms of the account and their network."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]
    last: Mapped[dt.datetime] = mapped_column(clock.Instant, index=True)


class PassToken(Model):
    """A one-time token: of the set-up when ``moderator_id`` is null, else of a new password."""

    __tablename__ = "pass_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[int | None] = mapped_column(
        ForeignKey("moderators.id", ondelete="CASCADE"), index=True
    )
    expires: Mapped[dt.datetime] = mapped_column(clock.Instant)
