"""Mail: what is handed to a real mail server, and what becomes of one that does not take it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import config
from afterword.core.config import WrongSetting
from afterword.core.errors import BadEmail
from afterword.core.relay import Relay, Security
from afterword.jobs.kinds import Failed, Hopeless
from afterword.markup import plain
from afterword.notify import letter
from afterword.notify.channels import email
from afterword.notify.letter import Letter
from tests import mailbox as far
from tests.mailbox import mailbox

LETTER = Letter(
    to="ada@reader.example",
    subject="Is this your address?",
    name="confirm",
    about="confirm.1",
    values={"site": "A blog", "comment": "https://c.example/c/1", "link": "https://c.example/m"},
)


@pytest.fixture
def told(told):
    return {**told, "AFTERWORD_PUBLIC_URL": "https://comments.example"}


def relay(url: str) -> Relay:
    found = config.read({"AFTERWORD_SMTP_URL": url}).smtp_url
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "user", "password"),
    [
        ("smtp://mail.example", "mail.example", 587, Security.STARTTLS, "", ""),
        ("smtps://u:p@mail.example", "mail.example", 465, Security.TLS, "u", "p"),
        ("smtp://a%40b:p%2Fw@m.example:25", "m.example", 25, Security.STARTTLS, "a@b", "p/w"),
        ("smtp://relay:25?tls=off", "relay", 25, Security.OFF, "", ""),
        ("smtp://localhost:1025", "localhost", 1025, Security.OFF, "", ""),
        ("smtp://[::1]:1025", "::1", 1025, Security.OFF, "", ""),
    ],
)
def test_the_address_of_a_mail_server_says_all_of_it(url, host, port, security, user, password):
    expected = Relay(host=host, port=port, security=security, user=user, password=password)
    assert relay(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://m/x",
        "smtp://m?tls=on",
        "smtp://m?x",
    ],
)
def test_a_wrong_address_of_a_mail_server_is_refused_without_its_password(url):
    with pytest.raises(WrongSetting, match="AFTERWORD_SMTP_URL") as caught:
        config.read({"AFTERWORD_SMTP_URL": url.replace("://", "://u:hunter2@", 1)})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("sender", ["blog", "a@b@c", "x <y>", "a@b c", "Blog <a@b>\nBcc: x@y.z"])
def test_a_wrong_sender_is_refused(sender):
    with pytest.raises(WrongSetting, match="AFTERWORD_MAIL_FROM"):
        config.read({"AFTERWORD_MAIL_FROM": sender})


@pytest.mark.usefixtures("context")
def test_a_letter_says_the_same_in_text_and_html_and_names_its_sender():
    message = letter.compose(LETTER)
    assert message["From"] == "afterword@comments.example"
    assert message["To"] == "ada@reader.example"
    assert message["Message-ID"] == "<confirm.1@comments.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    for words in (far.words(message), far.html(message)):
        assert "https://c.example/m" in words
        assert "A blog" in words


@pytest.mark.usefixtures("context")
def test_html_in_what_a_letter_says_is_escaped_and_nothing_is_fetched():
    said = {**LETTER.values, "site": "<img src=https://evil.example/x>"}
    message = letter.compose(
        Letter(to=LETTER.to, subject="x", name="confirm", about="1", values=said)
    )
    assert "<img" not in far.html(message)
    assert "src=" not in far.html(message).replace("&lt;img src=", "")


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("subject", ["a\r\nBcc: x@y.example", "a\x0bb", "a\u2028b", "\u202eab", ""])
def test_no_subject_can_start_another_header(subject):
    message = letter.compose(
        Letter(to=LETTER.to, subject=subject, name="confirm", about="1", values=LETTER.values)
    )
    raw = message.as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert message["Bcc"] is None


@pytest.mark.usefixtures("context")
def test_the_links_and_ids_of_a_header_are_sent_as_they_are_however_long():
    link = f"https://comments.example/me/unsubscribe/{'t' * 200}"
    above = ("page.1", f"news.{'a' * 90}", f"news.{'b' * 90}")
    with mailbox() as box:
        email.deliver(
            letter.compose(replace(LETTER, unsubscribe=link, after=above)), relay=relay(box.url)
        )
    head = box.last.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode().split("\r\n")
    ids = [f"<{about}@comments.example>" for about in above]
    assert f"List-Unsubscribe: <{link}>" in head
    assert f"References: {' '.join(ids)}" in head
    assert f"In-Reply-To: {ids[-1]}" in head


@given(st.text(max_size=80))
def test_an_address_that_passes_is_one_recipient(text):
    try:
        address = plain.email(text)
    except BadEmail:
        return
    assert address is None or (address.count("@") == 1 and not set(address) & set(' ,;<>()[]"\r\n'))


@pytest.mark.usefixtures("context")
def test_a_mail_server_in_the_clear_gets_the_mail():
    with mailbox() as box:
        email.deliver(letter.compose(LETTER), relay=relay(box.url))
    assert box.only()["To"] == "ada@reader.example"


@pytest.fixture
def certificate(monkeypatch, tmp_path) -> ssl.SSLContext:
    """Of a mail server that this process trusts."""
    authority = trustme.CA()
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.usefixtures("context")
def test_starttls_and_a_log_in_come_before_the_mail(certificate):
    with mailbox(certificate=certificate) as box:
        email.deliver(
            letter.compose(LETTER),
            relay=Relay(
                host="127.0.0.1",
                port=box.port,
                security=Security.STARTTLS,
                user="blog",
                password="secret",
            ),
        )
    assert box.log_ins == [(b"blog", b"secret")]
    assert box.was_secret == [True]


def refusal(expected: type[Exception], box_relay: Relay) -> str:
    with pytest.raises(expected) as caught:
        email.deliver(letter.compose(LETTER), relay=box_relay)
    return str(caught.value)


@pytest.mark.usefixtures("context")
def test_nothing_is_said_to_a_server_that_refuses_starttls():
    with mailbox() as box:
        server = Relay(host="127.0.0.1", port=box.port, security=Security.STARTTLS)
        assert "?tls=off" in refusal(Failed, server)
    assert box.letters == []


@pytest.mark.usefixtures("context")
def test_a_certificate_that_is_not_trusted_stops_the_mail(certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with mailbox(certificate=certificate) as box:
        server = Relay(host="127.0.0.1", port=box.port, security=Security.STARTTLS)
        assert "certificate is not trusted" in refusal(Failed, server)


@pytest.mark.usefixtures("context")
def test_a_wrong_password_is_the_owners_to_mend_and_the_mail_waits(certificate):
    with mailbox(certificate=certificate) as box:
        server = Relay(
            host="127.0.0.1",
            port=box.port,
            security=Security.STARTTLS,
            user="blog",
            password="wrong",
        )
        said = refusal(Failed, server)
    assert "refuses this service: 535" in said
    assert "wrong" not in said


@pytest.mark.usefixtures("context")
def test_an_address_that_does_not_exist_is_not_tried_again():
    with mailbox() as box:
        box.refused["ada@reader.example"] = "550 5.1.1 <ada@reader.example> no such user"
        said = refusal(Hopeless, relay(box.url))
    assert said == "The mail server refuses the address: 550 5.1.1 … no such user"


@pytest.mark.usefixtures("context")
def test_a_full_mailbox_is_tried_again():
    with mailbox() as box:
        box.refused["ada@reader.example"] = "452 4.2.2 mailbox full"
        assert "452" in refusal(Failed, relay(box.url))


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(("answer", "kind"), [("451 later", Failed), ("554 spam", Hopeless)])
def test_a_mail_that_is_refused_waits_or_is_given_up_by_its_code(answer, kind):
    with mailbox() as box:
        box.answer = answer
        assert answer in refusal(kind, relay(box.url))


@pytest.mark.usefixtures("context")
def test_a_server_that_is_down_gets_the_mail_later():
    with mailbox() as box:
        server = relay(box.url)
    assert "does not answer: Connection refused" in refusal(Failed, server)


@pytest.mark.usefixtures("context")
def test_a_server_that_says_nothing_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(email, "PATIENCE", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        server = relay(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        assert "does not answer" in refusal(Failed, server)


def speak_a_byte_at_a_time(client: socket.socket) -> None:
    """Say a line that has no end, and each byte of it in time."""
    never = threading.Event()
    with suppress(OSError):
        client.sendall(b"220 ")
        while not never.wait(0.02):
            client.sendall(b"x")


def take_a_mail(client: socket.socket) -> None:
    """Hang up when it has come."""
    with client.makefile("rwb", buffering=0) as lines:
        lines.write(b"220 here\r\n")
        for answer in (b"250 hello", b"250 from", b"250 to", b"354 go on"):
            lines.readline()
            lines.write(answer + b"\r\n")
        while lines.readline() != b".\r\n":
            pass
        lines.write(b"250 taken\r\n")


@contextmanager
def serving(meet: Callable[[socket.socket], None], tls: ssl.SSLContext | None) -> Iterator[Relay]:
    """A server that meets one client, with TLS from the first byte where it has a certificate."""

    def serve() -> None:
        client, _ = listening.accept()
        with tls.wrap_socket(client, server_side=True) if tls else client as spoken:
            meet(spoken)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        security = Security.TLS if tls else Security.OFF
        yield Relay(host="127.0.0.1", port=listening.getsockname()[1], security=security)
        thread.join()


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("is_secret", [False, True])
def test_a_server_that_speaks_a_byte_at_a_time_is_left_in_the_end(
    certificate, monkeypatch, is_secret
):
    monkeypatch.setattr(email, "PATIENCE", 0.1)
    with serving(speak_a_byte_at_a_time, certificate if is_secret else None) as server:
        said = refusal(Failed, server)
    assert said == "The mail server does not answer: it is not done after 0.8 s."


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("is_secret", [False, True])
def test_a_server_that_hangs_up_after_it_took_the_mail_has_taken_it(certificate, is_secret):
    with serving(take_a_mail, certificate if is_secret else None) as server:
        email.deliver(letter.compose(LETTER), relay=server)
