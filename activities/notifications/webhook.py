"""The activity ``notify``: posts one message to a robot.

The link is made here, just before sending, and only the robot's answer goes back, so that no link enters a history.
A message that can't be delivered is a result and not a failure: the approval stays open, and people see why nothing
came. Of the address only what isn't secret ever appears in a text; errors of the HTTP client are raised again
without their chain, because some of them quote the address.
"""

import hashlib
import random
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import contracts
from activities.contracts import NotifyInput, NotifyResult
from activities.notifications import dingtalk, message
from activities.notifications.dingtalk import BUSY, DELIVERED, FAILED, NO_ANSWER, THROTTLED, Verdict
from activities.notifications.message import Link
from activities.quiet import quiet_http_loggers
from caboose.links import LinkClaims, execution_link, make_link
from caboose.settings import Settings

TRIES = {BUSY: 3, NO_ANSWER: 6, THROTTLED: 4}
"""How often a message is sent at most, by what the last answer was."""
THROTTLED_SECONDS = 600.0
"""DingTalk is silent for ten minutes after more than 20 messages in one."""
FIRST_SECONDS = 1.0
"""The wait before the second try otherwise; it doubles."""
_MAX_ANSWER = 65_536
_OURS = (
    "host",
    "authorization",
    "proxy-authorization",
    "cookie",
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
    "te",
    "upgrade",
)
"""Headers that a template may not set: they are the HTTP client's, or carry somebody's identity."""


class NotificationActivities:
    """The activity with the settings it needs."""

    def __init__(self, settings: Settings, answer_seconds: float = 10) -> None:
        """``answer_seconds`` is how long the robot may take to answer."""
        quiet_http_loggers()
        self._settings = settings
        self._timeout = httpx.Timeout(answer_seconds, connect=5)

    @activity.defn(name=contracts.NOTIFY, no_thread_cancel_exception=True)
    def notify(self, wanted: NotifyInput) -> NotifyResult:
        """Posts the message once. The server tries again what is worth it, each time newly signed.

        Raises:
            ApplicationError: NotDelivered, retryable: the robot was busy, throttling or didn't answer.
        """
        attempt = activity.info().attempt
        if attempt > max(TRIES.values()):  # the tries before were lost with their workers, or took too long
            return NotifyResult(delivered=False, message=f"tried {attempt - 1} times, and no try came to an end")
        try:
            dingtalk.check_uri(wanted.uri, self._settings.simulator_url)
            link = self._link(wanted)
        except ValueError as error:  # WebhookRefused, or CABOOSE_PUBLIC_URL isn't set
            return NotifyResult(delivered=False, message=dingtalk.mask(str(error), wanted.uri))
        made = message.adapt(wanted.content, link=link, uuid=message_uuid(wanted))
        verdict = self._post(wanted, made.body)
        if verdict.kind == DELIVERED:
            return NotifyResult(delivered=True, warning=made.warning)
        text = dingtalk.mask(verdict.message, wanted.uri)
        tries = TRIES.get(verdict.kind, 1)
        if attempt >= tries:
            text += f" (tried {attempt} times)" if attempt > 1 else ""
            return NotifyResult(delivered=False, message=text, warning=made.warning)
        seconds = retry_delay(verdict.kind, attempt)
        # what Temporal shows of an approval that waits for its message
        raise ApplicationError(
            f"the message is not delivered yet: {text}; try {attempt} of {tries}, the next one in {seconds:.0f} s",
            type="NotDelivered",
            next_retry_delay=timedelta(seconds=seconds),
        )

    def _link(self, wanted: NotifyInput) -> Link | None:
        if not wanted.append_link:
            return None
        base_url = self._settings.base_url()
        if not wanted.approval:
            return Link("See the execution", execution_link(base_url, wanted.execution_id))
        claims = LinkClaims(wanted.execution_id, wanted.first_run_id, wanted.task_execution_id, wanted.attempt)
        return Link("Approve or reject", make_link(base_url, claims, self._settings.approval_keys()))

    def _post(self, wanted: NotifyInput, body: bytes) -> Verdict:
        uri, secret = wanted.uri, self._secret(wanted.uri)
        if secret:
            uri = dingtalk.signed(uri, secret, time.time_ns() // 1_000_000)
        try:
            with (
                httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", uri, content=body, headers=headers(wanted.headers)) as response,
            ):
                return dingtalk.judge(response.status_code, _read(response))
        except httpx.InvalidURL:
            return Verdict(FAILED, "the webhook's URI is not a URL")
        except httpx.ConnectError as error:
            # its text is the system's reason and holds no URL
            return Verdict(NO_ANSWER, f"no connection to the robot: {error}")
        except httpx.TimeoutException:
            return Verdict(NO_ANSWER, "the robot did not answer in time")
        except (httpx.HTTPError, UnicodeError) as error:
            return Verdict(NO_ANSWER, f"the robot gave no answer ({type(error).__name__})")

    def _secret(self, uri: str) -> str:
        """The robot's signing secret, configured for its whole address or for its access_token."""
        secrets = self._settings.webhook_secrets
        found = secrets.get(uri) or secrets.get(dingtalk.access_token(uri))
        return found.get_secret_value() if found else ""


def message_uuid(wanted: NotifyInput) -> str:
    """The same for every try of one message and for no other one, so that a lost answer posts nothing twice."""
    parts = (wanted.execution_id, wanted.first_run_id, wanted.task_execution_id, wanted.attempt, wanted.message_number)
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def retry_delay(kind: str, attempt: int) -> float:
    """Seconds until the next try."""
    if kind == THROTTLED:
        return THROTTLED_SECONDS + random.uniform(0, 60)  # noqa: S311 # no secret: spreads those that waited together
    return FIRST_SECONDS * 2.0 ** (attempt - 1)


def headers(given: Mapping[str, Any]) -> dict[str, str]:
    """The template's headers without those that aren't its to set; JSON in UTF-8 unless it says otherwise."""
    kept = {"content-type": "application/json; charset=utf-8", "user-agent": "caboose", "accept-encoding": "identity"}
    for name, value in given.items():
        lowered = str(name).strip().lower()
        if lowered in _OURS or lowered.startswith("x-aliyun-ecs-metadata") or not isinstance(value, str | int | float):
            continue
        text = str(value).strip()
        if lowered and lowered.isascii() and text.isascii() and text.isprintable() and lowered.isprintable():
            kept[lowered] = text
    return kept


def _read(response: httpx.Response) -> bytes:
    """The answer, or as much of it as an answer of a robot can have."""
    content = b""
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > _MAX_ANSWER:
            break
    return content
