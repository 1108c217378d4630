"""A real mail server on this machine (aiosmtpd): keeps what arrives, and refuses what a test wants refused."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USERNAME, PASSWORD = "ops@example.com", "open-sesame"


@dataclass(frozen=True)
class Arrived:
    """One mail: to whom it was given, the mail itself, who had logged in, whether TLS was spoken."""

    sender: str
    receivers: list[str]
    message: EmailMessage
    username: str
    tls: bool


class MailServer:
    """The server's handler. ``answers`` are what it says to each mail's text in turn, the last one again and again."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.answers: list[str] = ["250 taken"]
        self.refused: dict[str, str] = {}
        self.connections = 0
        self.log_ins: list[str] = []
        self.hangs_up_after_the_text = False
        self.port = 0
        self._texts = 0
        self._users: dict[int, str] = {}

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Somebody says hello."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a receiver, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes a mail, or not."""
        self._texts += 1
        transport = server.transport
        assert isinstance(transport, asyncio.Transport)
        answer = self.answers[min(self._texts, len(self.answers)) - 1]
        if answer.startswith("2"):
            message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            login = self._users.get(id(session), "")
            tls = transport.get_extra_info("sslcontext") is not None
            self.arrived.append(Arrived(envelope.mail_from or "", list(envelope.rcpt_tos), message, login, tls))
        if self.hangs_up_after_the_text:
            self.hangs_up_after_the_text = False
            transport.abort()
        return answer

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        """Knows one account."""
        assert isinstance(given, LoginPassword)
        self.log_ins.append(mechanism)
        self._users[id(session)] = given.login.decode()
        good = (given.login.decode(), given.password.decode()) == (USERNAME, PASSWORD)
        return AuthResult(success=good, handled=good, auth_data=given)


@dataclass(frozen=True)
class Certificates:
    """A server's TLS context, and a client's that trusts it. ``strangers`` trusts somebody else."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    strangers: ssl.SSLContext


def certificates() -> Certificates:
    """For this machine, made by an authority that nobody else knows."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(server)
    client, strangers = ssl.create_default_context(), ssl.create_default_context()
    authority.configure_trust(client)
    trustme.CA().configure_trust(strangers)
    return Certificates(server, client, strangers)


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None,
    *,
    host: str = "127.0.0.1",
    from_the_start: bool = False,
    auth: bool = True,
    auth_without_tls: bool = True,
) -> Iterator[MailServer]:
    """A server on a free port, in a thread of its own.

    Args:
        tls: its certificate; without one it offers no TLS.
        host: the address of this machine at which it listens.
        from_the_start: speaks TLS before anything is said, as on port 465.
        auth: whether somebody may log in.
        auth_without_tls: also where no TLS is spoken.
    """
    server = MailServer()
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            server,
            hostname="mail.example.com",
            tls_context=None if from_the_start else tls,
            authenticator=server.log_in if auth else None,
            auth_require_tls=not auth_without_tls,
            auth_exclude_mechanism=() if auth else ("LOGIN", "PLAIN"),
            loop=loop,
        )

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, host, 0, ssl=tls if from_the_start else None)

    async def stop(listening: asyncio.Server) -> None:
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
