"""The activity ``send_mail`` against a real mail server: TLS, logging in, refusals, and what is tried again."""

import base64
import contextlib
import dataclasses
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from activities.contracts import MailInput
from activities.notifications.mail import TRIES, MailActivities, Server, message_id
from tests.activities.harness import failure, run, settings_for
from tests.support.mail_server import PASSWORD, USERNAME, Certificates, MailServer, certificates, mail_server


@pytest.fixture(scope="module")
def known() -> Certificates:
    return certificates()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """One that offers no TLS."""
    with mail_server() as server:
        yield server


def mail(server: MailServer | int, **fields: Any) -> MailInput:
    """A mail to a server, or to a port of this machine."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server if isinstance(server, int) else server.port,
        "sender": "Ops <ops@example.com>",
        "to": ["a@example.com"],
        "subject": "Restarted",
        "body": "All went well.",
    }
    return MailInput("exec-1", "run-1", "exec-1.t0002", 1, **{**values, **fields})


def mails(context: ssl.SSLContext | None = None, **settings: Any) -> MailActivities:
    return MailActivities(settings_for(**{"reachable_hosts": ["127.0.0.1"], **settings}), context, answer_seconds=2)


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    wanted = mail(
        server,
        to=["a@example.com", "Bo B. <b@example.com>"],
        cc=["c@example.com"],
        subject="重启完成\nBcc: x@example.com",
        body="Zeile eins\n第二行 ✓\n.\n",
    )
    assert run(mails().send_mail, wanted).delivered
    (arrived,) = server.arrived
    assert (arrived.sender, arrived.receivers) == (
        "ops@example.com",
        ["a@example.com", "b@example.com", "c@example.com"],
    )
    message = arrived.message
    assert message["From"] == "Ops <ops@example.com>"
    assert [each.addr_spec for each in message["To"].addresses] == ["a@example.com", "b@example.com"]
    assert message["Cc"] == "c@example.com"
    assert message["Subject"] == "重启完成 Bcc: x@example.com", "no header can be smuggled in"
    assert message["Bcc"] is None
    assert message["Message-ID"] == message_id(wanted)
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert text_of(message) == "Zeile eins\n第二行 ✓\n.\n"


def test_the_link_leads_to_the_execution(server: MailServer) -> None:
    assert run(mails().send_mail, mail(server, append_link=True)).delivered
    assert text_of(server.arrived[0].message).endswith("\n\nhttp://127.0.0.1:8000/executions/exec-1\n")
    away = mails(api_host="0.0.0.0", public_url="")
    result = run(away.send_mail, mail(server, append_link=True))
    assert (result.delivered, len(server.arrived)) == (False, 1)
    assert "CABOOSE_PUBLIC_URL" in result.message


def test_tls_begins_where_it_is_offered(known: Certificates) -> None:
    with mail_server(known.server, auth_without_tls=False) as server:
        wanted = mail(server, username=USERNAME, password=PASSWORD)
        assert run(mails(known.client).send_mail, wanted).delivered
        assert [(each.tls, each.username) for each in server.arrived] == [(True, USERNAME)]


def test_port_465_speaks_tls_from_the_start(known: Certificates) -> None:
    with mail_server(known.server, from_the_start=True) as server:
        wanted = mail(server, username=USERNAME, password=PASSWORD)
        settings = settings_for(reachable_hosts=["127.0.0.1"])
        speaking = MailActivities(settings, known.client, answer_seconds=2, tls_port=server.port)
        assert run(speaking.send_mail, wanted).delivered
        assert [(each.tls, each.username) for each in server.arrived] == [(True, USERNAME)]


def test_a_certificate_that_nobody_knows_ends_it(known: Certificates) -> None:
    with mail_server(known.server) as server:
        for context in (known.strangers, None):
            result = run(mails(context).send_mail, mail(server, username=USERNAME, password=PASSWORD))
            assert not result.delivered
            assert result.message.startswith(
                "the certificate of the mail server isn't good: unable to get local issuer"
            )
        assert (server.arrived, server.log_ins) == ([], [])


def test_a_wrong_password_ends_it_and_shows_nowhere(server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "CANARY-password-1"
    result = run(mails().send_mail, mail(server, username=USERNAME, password=wrong))
    assert not result.delivered
    assert result.message == "the mail server refused the log-in: 535 5.7.8 Authentication credentials invalid"
    assert wrong not in repr(mail(server, password=wrong))
    assert wrong not in caplog.text
    assert server.arrived == []


def test_a_server_that_quotes_the_password_is_not_quoted() -> None:
    forms = (b"pass-word-1", base64.b64encode(b"pass-word-1"), base64.b64encode(b"\0me\0pass-word-1"))
    replies = [b"250-hi\r\n250 AUTH PLAIN\r\n", b"535 no " + b" ".join(forms) + b"\r\n"]
    with scripted(replies) as port:
        result = run(mails().send_mail, mail(port, username="me", password="pass-word-1"))
    assert result.message == "the mail server refused the log-in: 535 no *** *** ***"


def test_a_password_is_not_sent_in_the_open() -> None:
    host = own_address()
    with mail_server(host=host) as server:
        away = mails(reachable_hosts=[host])
        result = run(away.send_mail, mail(server, host=host, username=USERNAME, password=PASSWORD))
        assert result.message == "the mail server offers no TLS, and a password isn't sent without it"
        assert server.log_ins == []
        assert run(away.send_mail, mail(server, host=host)).delivered


def test_a_server_that_takes_no_log_in() -> None:
    with scripted([b"250 hi\r\n"]) as port:
        result = run(mails().send_mail, mail(port, username=USERNAME, password=PASSWORD))
    assert result.message == "the mail server takes no log-in: leave Username and Password out"


def test_what_the_server_refuses_for_good_is_an_answer(server: MailServer) -> None:
    server.answers = ["554 5.7.1 looks like spam"]
    result = run(mails().send_mail, mail(server))
    assert (result.delivered, result.message) == (False, "the mail server refused: 554 5.7.1 looks like spam")
    server.refused = {"a@example.com": "550 5.1.1 no such user"}
    result = run(mails().send_mail, mail(server))
    assert result.message == "the mail server took it for nobody: a@example.com: 550 5.1.1 no such user"
    assert server.arrived == []


def test_receivers_that_are_refused_beside_others_are_a_warning(server: MailServer) -> None:
    server.refused = {"b@example.com": "550 5.1.1 no such user"}
    result = run(mails().send_mail, mail(server, to=["a@example.com", "b@example.com"]))
    assert result.delivered
    assert result.warning == "the mail server didn't take it for b@example.com (550 5.1.1 no such user)"
    assert server.arrived[0].receivers == ["a@example.com"]


def test_what_the_server_puts_off_is_tried_again(server: MailServer) -> None:
    server.answers = ["451 4.7.1 greylisted", "451 4.7.1 greylisted", "250 taken"]
    delays = []
    for attempt in (1, 2):
        error = failure(mails().send_mail, mail(server), attempt=attempt)
        assert (error.type, error.non_retryable) == ("NotDelivered", False)
        assert "451 4.7.1 greylisted" in str(error)
        assert error.next_retry_delay is not None
        delays.append(error.next_retry_delay.total_seconds())
    assert delays == [5, 15]
    assert run(mails().send_mail, mail(server), attempt=3).delivered
    server.refused = {"a@example.com": "450 4.2.1 mailbox busy"}
    assert not failure(mails().send_mail, mail(server)).non_retryable
    last = run(mails().send_mail, mail(server), attempt=TRIES)
    assert (last.delivered, last.message.endswith(f"450 4.2.1 mailbox busy (tried {TRIES} times)")) == (False, True)


def test_a_mail_of_which_nobody_knows_is_sent_again_with_the_same_id(server: MailServer) -> None:
    server.hangs_up_after_the_text = True
    wanted = mail(server)
    assert "the mail server hung up" in str(failure(mails().send_mail, wanted))
    assert run(mails().send_mail, wanted, attempt=2).delivered
    run(mails().send_mail, dataclasses.replace(wanted, attempt=2))
    first, again, another = (each.message["Message-ID"] for each in server.arrived)
    assert first == again != another


def test_a_server_that_is_not_there_or_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        slow = MailActivities(settings_for(reachable_hosts=["127.0.0.1"]), answer_seconds=0.2)
        assert "did not answer in time" in str(failure(slow.send_mail, mail(port)))
    assert "no connection to the mail server: Connection refused" in str(failure(mails().send_mail, mail(port)))
    with scripted([], greets=b"421 4.3.2 closing\r\n") as port:
        assert "refused the connection: 421" in str(failure(mails().send_mail, mail(port)))
    with scripted([], greets=b"554 go away\r\n") as port:
        assert run(mails().send_mail, mail(port)).message == "the mail server refused the connection: 554 go away"


def test_tries_that_are_all_lost_come_to_an_end(server: MailServer) -> None:
    result = run(mails().send_mail, mail(server), attempt=TRIES + 1)
    assert (result.delivered, server.connections) == (False, 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"to": ["nobody"]}, "'nobody' is no mail address"),
        ({"to": ["a@example.com\nb"]}, "is no mail address"),
        ({"sender": "Ops <>"}, "is no mail address"),
        ({"cc": ["@"]}, "'@' is no mail address"),
        ({"to": ["ü@example.com"]}, "'ü@example.com' is no mail address"),
        ({"to": ["a@exämple.com"]}, "can't do what the mail needs"),
    ],
)
def test_addresses_that_can_not_be_used(server: MailServer, fields: dict[str, Any], message: str) -> None:
    with scripted([b"250 hi\r\n"]) as port:
        result = run(mails().send_mail, mail(port, **fields))
    assert not result.delivered
    assert message in result.message


def test_a_server_within_the_network_needs_leave(server: MailServer) -> None:
    result = run(mails(reachable_hosts=[]).send_mail, mail(server))
    assert not result.delivered
    assert "CABOOSE_REACHABLE_HOSTS" in result.message
    assert server.connections == 0


@pytest.mark.parametrize("context", [None, ssl.create_default_context()], ids=["plain", "TLS from the start"])
def test_an_address_that_has_changed_is_not_listened_to(context: ssl.SSLContext | None) -> None:
    """The name was looked at before; what it leads to by now is refused before anything is read from it."""
    seen = []

    def refuse(peer: str) -> None:
        seen.append(peer)
        raise PermissionError("within your network")

    with (
        scripted([], greets=b"554 CANARY 1.2\r\n") as port,
        pytest.raises(PermissionError, match="within your network"),
    ):
        Server("localhost", port, 5, allow=refuse, context=context)
    assert seen == ["127.0.0.1"]


def text_of(message: EmailMessage) -> str:
    """A mail's text; lines end with CRLF on their way."""
    content: str = message.get_content()
    return content.replace("\r\n", "\n")


def own_address() -> str:
    """An address of this machine that isn't loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its loopback")
        return str(probe.getsockname()[0])


@contextlib.contextmanager
def scripted(replies: list[bytes], greets: bytes = b"220 hi\r\n") -> Iterator[int]:
    """The port of a server that says one reply to each line, and hangs up when none is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as lines:
                    connection.sendall(greets)
                    for reply in replies:
                        if not lines.readline():
                            break
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
