"""Who signs in: accounts, what vouches for them, their tokens; codes beside links."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _id(name: str = "id", length: int = 40) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _maybe(name: str, length: int = 40) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _passkey(table: str, owner: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        owner,
        _id("credential", 1400),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _id("name", 60),
        _moment("created"),
        _moment("used", nullable=True),
        _refers(table, "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("credential", name=f"uq_{table}_credential"),
    )
    op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def upgrade() -> None:
    op.create_table(
        "accounts",
        _id(),
        sa.Column("site_id", sa.Integer(), nullable=True),
        _id("name", 60),
        _maybe("website", 320),
        _maybe("email", 254),
        _maybe("lang", 35),
        _maybe("picture_id", 64),
        sa.Column("shows_picture", sa.Boolean(), nullable=False),
        _id("user_handle", 43),
        _moment("created"),
        _refers("accounts", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_site_id", "accounts", ["site_id"])
    op.create_index("ix_accounts_picture_id", "accounts", ["picture_id"])
    op.create_table(
        "passports",
        _id(),
        _id("account_id"),
        _id("kind", 10),
        _id("issuer", 300),
        _id("subject", 255),
        _id("label", 254),
        _maybe("email", 254),
        _maybe("picture_url", 1000),
        _moment("created"),
        _moment("used"),
        _refers("passports", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_passports"),
        sa.UniqueConstraint("kind", "issuer", "subject", name="uq_passports_kind_issuer_subject"),
    )
    op.create_index("ix_passports_account_id", "passports", ["account_id"])
    op.create_index("ix_passports_email", "passports", ["email"])
    op.add_column(
        "authors",
        sa.Column(
            "account_id",
            sa.String(length=40),
            sa.ForeignKey("accounts.id", name="fk_authors_account_id", ondelete="CASCADE"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "authors", sa.Column("is_staff", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("authors", _moment("seen", nullable=True))
    op.create_index("ix_authors_account", "authors", ["account_id", "site_id"])
    op.create_table(
        "author_tokens",
        _id("token_hash", 64),
        _id("author_id"),
        _moment("created"),
        _moment("seen"),
        _refers("author_tokens", "author_id", "authors"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_author_tokens"),
    )
    op.create_index("ix_author_tokens_author_id", "author_tokens", ["author_id"])
    op.create_table(
        "errands",
        _id("state_hash", 64),
        _id("provider", 30),
        _id("issuer", 300),
        _id("nonce", 43),
        _id("verifier", 43),
        _id("browser_hash", 64),
        sa.Column("site_id", sa.Integer(), nullable=True),
        _maybe("origin", 300),
        _maybe("challenge", 43),
        _maybe("account_id"),
        _moment("created"),
        _refers("errands", "site_id", "sites"),
        _refers("errands", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_errands"),
    )
    op.create_index("ix_errands_created", "errands", ["created"])
    op.create_table(
        "hand_overs",
        _id("code_hash", 64),
        _id("account_id"),
        sa.Column("site_id", sa.Integer(), nullable=False),
        _id("origin", 300),
        _id("challenge", 43),
        _moment("created"),
        _refers("hand_overs", "account_id", "accounts"),
        _refers("hand_overs", "site_id", "sites"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_hand_overs"),
    )
    op.create_index("ix_hand_overs_created", "hand_overs", ["created"])
    op.create_table(
        "instances",
        _id("host", 253),
        _id("client_id", 300),
        _id("client_secret", 300),
        _id("redirect_uri", 300),
        _moment("created"),
        sa.PrimaryKeyConstraint("host", name="pk_instances"),
    )
    op.create_table(
        "pictures",
        _id("id", 64),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
    )
    _passkey("account_passkeys", _id("account_id"))
    op.create_table(
        "providers",
        _id("name", 30),
        _id("kind", 10),
        _id("label", 40),
        _id("issuer", 300),
        _id("client_id", 300),
        _id("client_secret", 500),
        sa.Column("trusts_email", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_providers"),
    )
    op.add_column("confirmations", _maybe("code", 32))
    op.add_column(
        "confirmations", sa.Column("tries", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("comments", _maybe("picture_id", 64))
