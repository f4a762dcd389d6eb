"""A mail server of the tests' own, on loopback: takes mails, refuses them, or is slow."""

from __future__ import annotations

import email
import email.policy
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask

from afterword.core.db import db
from afterword.jobs import worker
from tests.running import free_port


@dataclass
class Mailbox:
    """What came, and how the next ones are met."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    last: bytes = b""  # the newest, as it was sent
    refused: dict[str, str] = field(default_factory=dict)  # answers to addresses, by address
    answer: str = "250 OK"  # to a mail
    meanwhile: Callable[[], object] = lambda: None  # what is done while a mail comes
    log_ins: list[tuple[bytes, bytes]] = field(default_factory=list)
    was_secret: list[bool] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As ``AFTERWORD_SMTP_URL`` says it."""
        return f"smtp://127.0.0.1:{self.port}"

    def only(self) -> EmailMessage:
        """The one mail that came."""
        assert len(self.letters) == 1, [letter["Subject"] for letter in self.letters]
        return self.letters[0]

    def wait_for(self, count: int, *, seconds: float = 20) -> None:
        """Return when so many mails came; fail when they do not."""
        until = time.monotonic() + seconds
        while len(self.letters) < count:
            assert time.monotonic() < until, f"{len(self.letters)} of {count} mails came"
            time.sleep(0.02)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """See aiosmtpd."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """See aiosmtpd."""
        self.meanwhile()
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.last = envelope.content
            self.was_secret.append(session.ssl is not None)
        return self.answer

    def admit(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Whether a user may log in: ``blog`` with ``secret``."""
        assert isinstance(data, LoginPassword)
        self.log_ins.append((data.login, data.password))
        return AuthResult(success=data == LoginPassword(b"blog", b"secret"), handled=False)


@contextmanager
def mailbox(
    *, port: int | None = None, certificate: ssl.SSLContext | None = None
) -> Iterator[Mailbox]:
    """A mail server that runs until the block ends; with a certificate it offers STARTTLS."""
    box = Mailbox(port or free_port())
    secure = {"tls_context": certificate, "require_starttls": True} if certificate else {}
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        authenticator=box.admit,
        auth_require_tls=certificate is not None,
        **secure,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    """A mail server of this run's own."""
    with mailbox() as box:
        yield box


@pytest.fixture
def box(mail_server: Mailbox) -> Mailbox:
    """The mail server with nothing in it, which takes every mail."""
    mail_server.letters.clear()
    mail_server.refused.clear()
    mail_server.answer = "250 OK"
    mail_server.meanwhile = lambda: None
    return mail_server


@pytest.fixture
def mail(app: Flask, box: Mailbox) -> Callable[[], list[EmailMessage]]:
    """Do what is due, as the worker does, and answer the mails that came."""

    def do() -> list[EmailMessage]:
        with app.app_context():
            while worker.do_next():
                pass
        return box.letters

    return do


def words(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(letter: EmailMessage) -> str:
    """Its HTML."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link(letter: EmailMessage, beginning: str) -> str:
    """The path of the first link in a mail that begins so, below the service's address."""
    found = re.search(r"https?://[^/\s]+(" + re.escape(beginning) + r"\S*)", words(letter))
    assert found is not None, words(letter)
    return found[1]


def due_now() -> None:
    """Let what waits for its next try be tried."""
    db.session.execute(db.text("UPDATE jobs SET due = created"))
    db.session.commit()
