"""Mail, handed to the owner's own mail server (RFC 5321)."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any, Final

from afterword.core.relay import Relay, Security
from afterword.jobs.kinds import Failed, Hopeless

PATIENCE: Final = 15.0  # seconds for each thing that the server is asked
# The same for one who looks on. Servers that let spammers wait speak after six (postscreen's).
PATIENCE_OF_A_LOOK: Final = 7.0
MOST: Final = 8  # times as long for all of it, or a server could say each word a byte at a time
_ADDRESS: Final = re.compile(r"\S*@\S*")
# By RFC 3463 (3.2) and RFC 7505 these say that there is no such mailbox. 5.1.7 and 5.1.8 are of the
# sender's, as 5.1.0 may be; 5.2.x of one that is full or rests; 5.7.x of policy, and so are many
# refusals without a code: a relay that is set up wrong says those of every address.
_NO_MAILBOX: Final = re.compile(rb"5\.1\.(1|2|3|6|10)\b")


class NoMailbox(Hopeless):
    """There is no such address, as the mail server says, and will be none."""


def deliver(message: EmailMessage, *, relay: Relay) -> None:
    """Hand a mail over. Raises Failed when the server may take it later, Hopeless when never.

    NoMailbox, which is hopeless too, when the address is none.
    """
    with _told(), _session(relay, PATIENCE) as session:
        session.send_message(message)


def greet(relay: Relay) -> None:
    """Do all that comes before a mail, and send none. Raises Failed."""
    with _told(), _session(relay, PATIENCE_OF_A_LOOK) as session:
        session.ehlo_or_helo_if_needed()


@contextmanager
def _told() -> Iterator[None]:
    """Whatever a server refuses, or does not do, as Failed or Hopeless, which say it in words."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        refusal = _refusal("the address", code, words)
        is_none = isinstance(refusal, Hopeless) and _NO_MAILBOX.match(words)
        raise (NoMailbox(str(refusal)) if is_none else refusal) from None
    except smtplib.SMTPDataError as refused:
        raise _refusal("the mail", refused.smtp_code, refused.smtp_error) from None
    except smtplib.SMTPResponseException as refused:
        # Of us and not of this mail: a password, a sender. The owner mends it, the mail stays.
        said = _said(refused.smtp_code, refused.smtp_error)
        raise Failed(f"The mail server refuses this service: {said}") from None
    except smtplib.SMTPNotSupportedError:
        raise Failed(
            "The mail server offers no STARTTLS or no log-in. Where it is on your own network, "
            "?tls=off behind AFTERWORD_SMTP_URL does without encryption."
        ) from None
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise Failed(f"The mail server's certificate is not trusted: {reason}.") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Failed(f"The mail server does not answer: {_why(error)}.") from None


@contextmanager
def _session(relay: Relay, patience: float) -> Iterator[smtplib.SMTP]:
    with _connection(relay, patience) as connection:
        session = _Session(connection, relay.host)
        try:
            if relay.security is Security.STARTTLS:
                session.starttls(context=ssl.create_default_context())
            if relay.user:
                session.login(relay.user, relay.password)
            yield session
            # It has taken the mail: whether it says goodbye as well changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                session.quit()
        finally:
            session.close()


class _Session(smtplib.SMTP):
    """Speaks over a connection that stands already, as smtplib's own LMTP may."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._connection = connection
        super().__init__(host)

    def connect(self, *_where: Any, **_named: Any) -> tuple[int, bytes]:
        """The greeting."""
        self.sock, self.file = self._connection, None
        return self.getreply()


@contextmanager
def _connection(relay: Relay, patience: float) -> Iterator[socket.socket]:
    """One that is cut after ``MOST`` times its patience, which is for each read and write of it."""
    most = MOST * patience
    with (
        socket.create_connection((relay.host, relay.port), patience) as plain,
        plain.dup() as same,  # TLS takes the first one over
    ):
        deadline = time.monotonic() + most
        cut = threading.Timer(most, _cut, [same])
        cut.daemon = True
        cut.start()
        try:
            with _as_agreed(plain, relay) as connection:
                yield connection
        except OSError:
            if time.monotonic() < deadline:
                raise
            raise TimeoutError(f"it is not done after {most:g} s") from None
        finally:
            cut.cancel()


def _as_agreed(plain: socket.socket, relay: Relay) -> socket.socket:
    if relay.security is not Security.TLS:
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=relay.host)


def _cut(connection: socket.socket) -> None:
    """End a connection under who reads from it."""
    with suppress(OSError):  # it has ended meanwhile
        connection.shutdown(socket.SHUT_RDWR)


def _refusal(what: str, code: int, words: bytes | str) -> Failed | Hopeless:
    said = f"The mail server refuses {what}: {_said(code, words)}"
    return Hopeless(said) if 500 <= code < 600 else Failed(said)


def _why(error: OSError) -> str:
    """In the system's words, or those of smtplib, which are of the machine and quote no mail."""
    words = error.strerror or str(error) or type(error).__name__
    return _ADDRESS.sub("…", words.rstrip("."))


def _said(code: int, words: bytes | str) -> str:
    """What a server said, on one line, without the addresses that it may repeat."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    line = " ".join(text.split())
    return f"{code} {_ADDRESS.sub('…', line)}"[:300]
