"""The activity ``send_mail``: hands one mail to a mail server (SMTP, RFC 5321).

Port 465 speaks TLS from the start; elsewhere TLS begins where the server offers it, and certificates are verified. A
password is sent only under TLS, or to this machine itself.

Nobody can know whether a mail was taken when the connection breaks after its text. It is sent again then, as a message
to a webhook is: with the same Message-ID, by which mail systems recognise a second copy. A mail that is missing is
noticed by nobody.

Road not taken: aiosmtplib. A thread of the worker is busy for a second or so, and the standard library does it.
"""

import base64
import contextlib
import hashlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import contracts
from activities.contracts import MailInput, NotifyResult
from activities.reach import Reach
from caboose.links import execution_link
from caboose.oos.problems import shortened
from caboose.oos.redact import MASK, redact_text
from caboose.oos.text import clean_text
from caboose.settings import Settings

TRIES = 6
"""How often a mail is sent at most, while the server isn't there or says "later"."""
FIRST_SECONDS = 5.0
"""The wait before the second try; it triples: a server that greylists wants some minutes."""
_OUR_NAME = "[127.0.0.1]"
"""What we call ourselves: looking up a name of this machine takes time, and is nobody's business."""
_MAX_ANSWER = 500


class MailActivities:
    """The activity with the settings it needs."""

    def __init__(
        self,
        settings: Settings,
        context: ssl.SSLContext | None = None,
        answer_seconds: float = 15,
        tls_port: int = 465,
    ) -> None:
        """``context`` says which certificates are good, by default the system's; ``answer_seconds`` is how long the
        server may take for each of its answers; at ``tls_port`` TLS is spoken from the start."""
        self._settings = settings
        self._reach = Reach(settings)
        self._context = context or ssl.create_default_context()
        self._timeout = answer_seconds
        self._tls_port = tls_port

    @activity.defn(name=contracts.SEND_MAIL, no_thread_cancel_exception=True)
    def send_mail(self, wanted: MailInput) -> NotifyResult:
        """Sends the mail once; the server tries again what is worth it.

        Raises:
            ApplicationError: NotDelivered, retryable: the mail server isn't there, or says "later".
        """
        attempt = activity.info().attempt
        if attempt > TRIES:  # the tries before were lost with their workers, or took too long
            return NotifyResult(False, f"tried {attempt - 1} times, and no try came to an end")
        try:
            message = made(wanted, self._link(wanted))
            self._reach.check(wanted.host, wanted.port)
            refused = self._send(wanted, message)
        except ssl.SSLCertVerificationError as error:
            return NotifyResult(False, f"the certificate of the mail server isn't good: {error.verify_message}")
        except (_Refused, ValueError) as error:  # OutOfReach, or CABOOSE_PUBLIC_URL isn't set
            return NotifyResult(False, _shown(str(error), wanted))
        except (OSError, smtplib.SMTPException) as error:
            return self._later(attempt, _shown(_reason(error), wanted))
        warning = f"the mail server didn't take it for {', '.join(refused)}" if refused else ""
        return NotifyResult(True, warning=_shown(warning, wanted))

    def _link(self, wanted: MailInput) -> str:
        return execution_link(self._settings.base_url(), wanted.execution_id) if wanted.append_link else ""

    def _later(self, attempt: int, text: str) -> NotifyResult:
        if attempt >= TRIES:
            return NotifyResult(False, f"{text} (tried {attempt} times)")
        seconds = FIRST_SECONDS * 3.0 ** (attempt - 1)
        raise ApplicationError(
            f"the mail is not delivered yet: {text}; try {attempt} of {TRIES}, the next one in {seconds:.0f} s",
            type="NotDelivered",
            next_retry_delay=timedelta(seconds=seconds),
            category=ApplicationErrorCategory.BENIGN,
        ) from None

    def _send(self, wanted: MailInput, message: EmailMessage) -> list[str]:
        """Gives the receivers that the server refused while it took the mail for others."""
        server = self._connected(wanted)
        try:
            self._greet(server, wanted)
            refused = server.send_message(message, _bare(wanted.sender), list(map(_bare, [*wanted.to, *wanted.cc])))
            with contextlib.suppress(OSError, smtplib.SMTPException):  # the mail is taken; so is this
                server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            answers = error.recipients.items()
            said = "; ".join(f"{name}: {_answer(*answer)}" for name, answer in answers)
            later = any(_is_later(code) for _, (code, _) in answers)
            raise _failed(f"the mail server took it for nobody: {said}", later=later) from None
        except smtplib.SMTPResponseException as error:
            said = f"the mail server refused: {_answer(error.smtp_code, error.smtp_error)}"
            raise _failed(said, later=_is_later(error.smtp_code)) from None
        except smtplib.SMTPNotSupportedError as error:
            raise _Refused(f"the mail server can't do what the mail needs: {error}") from None
        finally:
            server.close()
        return [f"{name} ({_answer(*answer)})" for name, answer in refused.items()]

    def _connected(self, wanted: MailInput) -> smtplib.SMTP:
        try:
            return Server(
                wanted.host,
                wanted.port,
                self._timeout,
                allow=lambda peer: self._reach.check_address(wanted.host, wanted.port, peer),
                context=self._context if wanted.port == self._tls_port else None,
            )
        except smtplib.SMTPResponseException as error:
            said = f"the mail server refused the connection: {_answer(error.smtp_code, error.smtp_error)}"
            raise _failed(said, later=_is_later(error.smtp_code)) from None

    def _greet(self, server: smtplib.SMTP, wanted: MailInput) -> None:
        """Says hello and who we are, under TLS where there is any."""
        if server.sock is None:  # smtplib closes it when the server breaks off
            raise smtplib.SMTPServerDisconnected
        peer = str(server.sock.getpeername()[0])
        server.ehlo_or_helo_if_needed()
        if wanted.port != self._tls_port and server.has_extn("starttls"):
            server.starttls(context=self._context)
            server.ehlo()
        if not wanted.password:
            return
        if not isinstance(server.sock, ssl.SSLSocket) and not ipaddress.ip_address(peer).is_loopback:
            raise _Refused("the mail server offers no TLS, and a password isn't sent without it")
        try:
            server.login(wanted.username, wanted.password)
        except smtplib.SMTPNotSupportedError:
            raise _Refused("the mail server takes no log-in: leave Username and Password out") from None
        except smtplib.SMTPAuthenticationError as error:
            said = f"the mail server refused the log-in: {_answer(error.smtp_code, error.smtp_error)}"
            raise _failed(said, later=_is_later(error.smtp_code)) from None


class Server(smtplib.SMTP):
    """A mail server whose address is looked at before its first word is read: a name that has another address by now
    mustn't bring what a service of one's own network says into a message. With a ``context`` TLS is spoken from the
    start. ``allow`` raises for an address that may not be reached."""

    def __init__(
        self, host: str, port: int, timeout: float, *, allow: Callable[[str], None], context: ssl.SSLContext | None
    ) -> None:
        self._allow = allow
        self._context = context
        super().__init__(host, port, local_hostname=_OUR_NAME, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The hook of ``smtplib`` by which ``SMTP_SSL`` opens its connection too."""
        opened = socket.create_connection((host, port), timeout)
        try:
            self._allow(str(opened.getpeername()[0]))
            return self._context.wrap_socket(opened, server_hostname=host) if self._context else opened
        except BaseException:
            opened.close()
            raise


class _Refused(Exception):
    """A mail that another try wouldn't deliver."""


def _failed(said: str, *, later: bool) -> Exception:
    return smtplib.SMTPException(said) if later else _Refused(said)


def _is_later(code: int) -> bool:
    """Whether an answer of the server means "try again" (RFC 5321, 4.2.1)."""
    return 400 <= code < 500


def made(wanted: MailInput, link: str) -> EmailMessage:
    """The mail as it travels; the link stands at its end.

    Raises:
        ValueError: an address or the subject can't be used.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(wanted.sender)
    message["To"] = [_address(each) for each in wanted.to]
    if wanted.cc:
        message["Cc"] = [_address(each) for each in wanted.cc]
    message["Subject"] = " ".join(clean_text(wanted.subject).split())
    message["Date"] = formatdate()
    message["Message-ID"] = message_id(wanted)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    body = clean_text(wanted.body)
    message.set_content(f"{body}\n\n{link}\n" if link else body)
    return message


def message_id(wanted: MailInput) -> str:
    """The same for every try of one mail and for no other one, so that a second copy can be recognised."""
    parts = (wanted.execution_id, wanted.first_run_id, wanted.task_execution_id, wanted.attempt)
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]
    return f"<{digest}@{_bare(wanted.sender).rpartition('@')[2]}>"


def _address(text: str) -> Address:
    name, address = parseaddr(text if text.isprintable() else "")
    try:
        return Address(name, addr_spec=address)
    except (MessageError, ValueError, IndexError):
        raise ValueError(f"{text!r:.80} is no mail address") from None


def _bare(text: str) -> str:
    """An address without the name beside it."""
    return parseaddr(text)[1]


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{code} {clean_text(' '.join(said.split()))}".strip()


def _reason(error: Exception) -> str:
    """Why the mail didn't get through; of a library's own errors only what can't quote anything."""
    match error:
        case smtplib.SMTPServerDisconnected() if "timed out" not in str(error):
            return "the mail server hung up"
        case smtplib.SMTPServerDisconnected():
            return "the mail server did not answer in time"
        case smtplib.SMTPException():
            return str(error)
        case TimeoutError():
            return "the mail server did not answer in time"
        case OSError():
            return f"no connection to the mail server: {error.strerror or type(error).__name__}"
    return type(error).__name__


def _shown(text: str, wanted: MailInput) -> str:
    """A text that people may read: servers quote what they were sent."""
    for secret in _forms(wanted.username, wanted.password):
        text = text.replace(secret, MASK)
    return redact_text(shortened(text, _MAX_ANSWER))


def _forms(username: str, password: str) -> list[str]:
    """The password as it is, and as logging in sends it."""
    if not password:
        return []
    sent = (password, f"\0{username}\0{password}")
    return [password, *(base64.b64encode(each.encode()).decode() for each in sent)]
