"""A mail from a pair of templates: plain text and HTML that say the same (RFC 2046, 5.1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment

from afterword.core import clock, config, templates
from afterword.core.db import db
from afterword.jobs.kinds import Failed
from afterword.markup import plain
from afterword.notify.channels import email

TEMPLATES: Final = Path(__file__).parent / "templates"
_MADE_OF_ADDRESSES: Final = frozenset({"list-unsubscribe", "references", "in-reply-to"})


class Policy(EmailPolicy):
    """Python's own, but no address in a header is cut or written as an encoded word.

    It does that to each word that is longer than a line of 78 characters, where RFC 2047 (5)
    forbids it: mail programs then see no link, and no mail that this one follows on. A line may
    have 998 (RFC 5322, 2.1.1).
    """

    def fold(self, name: str, value: Any) -> str:
        """A header as it is sent."""
        if not _is_made_of_addresses(name, value):
            return str(super().fold(name, value))
        return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes."""
        if not _is_made_of_addresses(name, value):
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode()


def _is_made_of_addresses(name: str, value: Any) -> bool:
    return name.lower() in _MADE_OF_ADDRESSES and str(value).isascii()


# 7 bits on the wire, whatever is in it: every relay takes that.
POLICY: Final = Policy(linesep="\r\n", cte_type="7bit", utf8=False)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail. ``name`` is that of its templates, ``about`` what makes it this one and no other.

    Sent again after a crash it has the same ``about`` and so the same Message-ID, by which the far
    side can tell.
    """

    to: str
    subject: str
    name: str
    about: str
    unsubscribe: str | None = None  # a link that ends such mails
    # What it follows on, from the beginning of the conversation to what it answers: an ``about``
    # each. No mail needs to have the first: those that name it stand together (RFC 5322, 3.6.4).
    after: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def send(letter: Letter) -> None:
    """Hand a letter to the mail server. Raises Failed, Hopeless."""
    relay = config.current().smtp_url
    if relay is None:
        raise Failed("No mail server is set up: set AFTERWORD_SMTP_URL.")
    message = compose(letter)
    db.session.commit()  # no connection of ours waits with the mail server
    email.deliver(message, relay=relay)


def compose(letter: Letter) -> EmailMessage:
    """A letter as it is sent. No header of it can be written by whoever wrote its words."""
    host = urlsplit(config.public_url()).hostname
    message = EmailMessage(policy=POLICY)
    message["From"] = config.current().mail_from or f"afterword@{host}"
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = plain.title(letter.subject) or ""
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.about}@{host}>"
    if letter.after:
        message["References"] = " ".join(f"<{about}@{host}>" for about in letter.after)
        message["In-Reply-To"] = f"<{letter.after[-1]}@{host}>"
    if letter.unsubscribe is not None:
        # The mail program's own button, by one POST (RFC 8058).
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Answering machines leave it alone (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    values = {"public_url": config.public_url(), "subject": letter.subject, **letter.values}
    message.set_content(_environment().get_template(f"{letter.name}.txt").render(values))
    html = _environment().get_template(f"{letter.name}.html").render(values)
    message.add_alternative(html, subtype="html")
    return message


@cache
def _environment() -> Environment:
    return templates.environment(TEMPLATES)
