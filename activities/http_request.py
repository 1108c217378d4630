"""The activity ``http_request``: sends one request of ACS::ExecuteHttpRequest and selects from its answer.

A GET changes nothing and is tried again by the server; anything else goes out once, on a connection of its own, and
what its failure proves crosses with it (design section 5). A 4xx proves that nothing was carried out, a 2xx that
something was, readable or not; a redirect (the usual "done" of a form), a 5xx and a lost answer prove nothing.
Selectors see the answer's JSON; of an answer that is none its text, of an empty one null. Only answers of success (2xx)
are held against rules; redirects aren't followed, because they could lead anywhere.

Messages name the host and no more: a URL may be a password.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import contracts
from activities.attempt import Attempt, now
from activities.cloud.failures import CloudError, from_exception
from activities.contracts import (
    CARRIED_OUT,
    NOT_SENT,
    REFUSED,
    RETRIABLE,
    UNKNOWN,
    CallApiResult,
    CallFailure,
    HttpRequestInput,
)
from activities.heartbeat import heartbeats
from activities.polling import Polling, Seen, back_off, final, number_of
from activities.quiet import quiet_http_loggers
from activities.reach import OutOfReach, Reach
from activities.request_parts import InvalidRequest, Outgoing, outgoing
from activities.selecting import OutputTooLarge, Selecting
from caboose.oos import selectors
from caboose.oos.expectations import DESIRED, NOT_YET, STOPPED, Rule, Verdict, judge
from caboose.oos.plan import Retry
from caboose.oos.problems import shortened
from caboose.oos.redact import MASK, redact_text
from caboose.oos.text import clean, clean_text
from caboose.oos.values import shape_fault
from caboose.sandbox import SandboxError
from caboose.settings import Settings

MAX_ANSWER_BYTES = 4_000_000
_CONNECT_SECONDS = 5.0
_ALL_SECONDS = 60.0
"""From the first byte sent to the last one received: an answer that drips is none."""
_SPARE_SECONDS = 5.0
_MAX_MESSAGE = 500
_LAST_MOMENTS = ("connection.connect_tcp.started", "http11.send_request_headers.started")
"""The steps of httpcore's trace before which a request can still be held back."""
_CONNECTED = "connection.connect_tcp.complete"


@dataclass(frozen=True)
class _Answer:
    """What came back: the status, what selectors see, and the request's id."""

    status: int
    value: Any
    request_id: str = ""


class HttpRequestActivities:
    """The activity with the settings it needs."""

    def __init__(self, settings: Settings, programs: selectors.Engine, answer_seconds: float = 30) -> None:
        """``answer_seconds`` is how long the other side may be silent."""
        quiet_http_loggers()
        self._reach = Reach(settings)
        self._selecting = Selecting(programs)
        self._timeout = httpx.Timeout(answer_seconds, connect=_CONNECT_SECONDS)
        self._verify = httpx.create_ssl_context()  # loading the certificates costs 20 ms

    @activity.defn(name=contracts.HTTP_REQUEST, no_thread_cancel_exception=True)
    def http_request(self, wanted: HttpRequestInput) -> CallApiResult:
        """Sends the request once. While its answer isn't as WaitFor wants it, it is due again.

        Raises:
            ApplicationError: InvalidProperty, HostNotAllowed, HTTP404 and the like, with what it proves; as
                ``Polling.not_as_wanted``; SelectorError and OutputTooLarge.
        """
        retry = wanted.retry if wanted.wait_for else Retry(retries=0)
        polling = Polling(retry, False, wanted.read, number_of(wanted.poll))
        polling.check_tries(f"the {wanted.method}")
        with heartbeats() as attempt:  # selecting may take its time too
            try:
                answer = self._send(wanted, attempt)
            except CloudError as error:
                if wanted.read and error.failure.proof != REFUSED:
                    raise polling.no_answer(error.failure, back_off(error, polling.number)) from None
                raise final(error.failure.code, error.failure.message, error.failure) from None
            try:
                return self._judged(wanted, polling, answer)
            except (selectors.SelectorError, OutputTooLarge) as error:
                raise _misfit(wanted, answer, error) from None
            except SandboxError as error:
                if wanted.read:
                    raise
                raise _misfit(wanted, answer, error) from None

    def _judged(self, wanted: HttpRequestInput, polling: Polling, answer: _Answer) -> CallApiResult:
        """The result of an answer that is as wanted; what becomes of one that isn't."""
        if not 200 <= answer.status < 300:
            verdict = Verdict(NOT_YET, _said(wanted, answer))
            if wanted.wait_for and _proof(wanted, answer.status) != UNKNOWN:
                return polling.not_as_wanted(self._seen(wanted, answer, wanted.wait_for[0], verdict))
            raise self._refused(wanted, answer)
        for rules, poll in (
            (wanted.wait_for, polling),
            (wanted.check_for, Polling(Retry(retries=0), True, wanted.read, 1)),
        ):
            unmet = self._unmet(rules, answer.value)
            if unmet is not None:
                return poll.not_as_wanted(self._seen(wanted, answer, *unmet))
        return CallApiResult(self._selecting.outputs(wanted.outputs, answer.value), answer.request_id)

    def _unmet(self, rules: list[Rule], value: Any) -> tuple[Rule, Verdict] | None:
        """The first rule that isn't met; before that one whose value ends the waiting."""
        judged = [(rule, judge(rule, self._selecting.values(rule, value))) for rule in rules]
        unmet = [each for each in judged if each[1].kind != DESIRED]
        stopped = [each for each in unmet if each[1].kind == STOPPED]
        return next(iter(stopped or unmet), None)

    def _seen(self, wanted: HttpRequestInput, answer: _Answer, rule: Rule, verdict: Verdict) -> Seen:
        outputs = self._selecting.outputs_if_any(wanted.outputs, answer.value)
        return Seen(rule, verdict, outputs, answer.request_id)

    def _refused(self, wanted: HttpRequestInput, answer: _Answer) -> ApplicationError:
        code, message = f"HTTP{answer.status}", _said(wanted, answer)
        outputs = self._selecting.outputs_if_any(wanted.outputs, answer.value)
        failure = CallFailure(code, message, _proof(wanted, answer.status), answer.request_id, answer.status, outputs)
        return final(code, message, failure)

    def _send(self, wanted: HttpRequestInput, attempt: Attempt) -> _Answer:
        """The answer, of whatever status but throttling and faults of the other side.

        Raises:
            CloudError: on every failure, with its proof.
        """
        try:
            request = outgoing(wanted)
            self._reach.check(request.host, request.port)
        except InvalidRequest as error:
            raise CloudError(CallFailure("InvalidProperty", str(error), REFUSED)) from None
        except OutOfReach as error:
            raise CloudError(CallFailure("HostNotAllowed", str(error), REFUSED)) from None
        except (OSError, UnicodeError):
            raise CloudError(CallFailure("ConnectionFailed", f"no host {request.host} is known", RETRIABLE)) from None
        trace = self._trace(request, None if wanted.read else attempt)
        try:
            with (
                httpx.Client(
                    timeout=self._timeout, verify=self._verify, follow_redirects=False, trust_env=False
                ) as client,
                client.stream(
                    wanted.method,
                    request.url,
                    headers=request.headers,
                    content=request.content,
                    extensions={"trace": trace},
                ) as response,
            ):
                return _read(wanted, request, response)
        except OutOfReach as error:
            raise CloudError(CallFailure("HostNotAllowed", str(error), REFUSED)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise from_exception(error, request.endpoint) from None

    def _trace(self, request: Outgoing, attempt: Attempt | None) -> Callable[[str, dict[str, Any]], None]:
        """Stops a request whose address turns out to be another one, or whose attempt may have been given up."""
        reserve = _ALL_SECONDS + _SPARE_SECONDS

        def trace(event: str, info: dict[str, Any]) -> None:
            if event == _CONNECTED:
                address = info["return_value"].get_extra_info("server_addr")
                self._reach.check_address(request.host, request.port, str(address[0]))
            if attempt is not None and event in _LAST_MOMENTS and (reason := attempt.given_up(now(), reserve)):
                raise CloudError(CallFailure(NOT_SENT, f"the request was not sent: {reason}", RETRIABLE))

        return trace


def _read(wanted: HttpRequestInput, request: Outgoing, response: httpx.Response) -> _Answer:
    """The whole answer.

    Raises:
        CloudError: throttling and faults of the other side; an answer that is too large, too slow or compressed.
    """
    status, request_id = response.status_code, clean_text(response.headers.get("x-request-id", ""))[:200]
    if status == 429 or status >= 500:
        proof = RETRIABLE if status == 429 else UNKNOWN
        message = f"{request.endpoint} answered HTTP {status}"
        raise CloudError(CallFailure(f"HTTP{status}", message, proof, request_id, status), None, _retry_after(response))
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        fault = f"{request.endpoint} sent a compressed answer ({encoding[:40]}), which wasn't asked for"
        raise _unreadable(wanted, status, request_id, fault)
    content = bytearray()
    end = time.monotonic() + _ALL_SECONDS
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            fault = f"the answer of {request.endpoint} has more than {MAX_ANSWER_BYTES} bytes"
            raise _unreadable(wanted, status, request_id, fault)
        if time.monotonic() > end:
            message = f"{request.endpoint} did not send its whole answer in time"
            raise CloudError(CallFailure("ReadTimeout", message, UNKNOWN, request_id, status))
    value = _value(bytes(content), response.charset_encoding)
    misshapen = shape_fault(value)
    if misshapen:
        raise _unreadable(wanted, status, request_id, f"the answer of {request.endpoint} is {misshapen}")
    return _Answer(status, value, request_id)


def _unreadable(wanted: HttpRequestInput, status: int, request_id: str, fault: str) -> CloudError:
    """The other side has answered: asking again would bring the same, or do the same twice."""
    proof = _proof(wanted, status)
    message = _but(wanted, fault) if proof == CARRIED_OUT else fault
    return CloudError(CallFailure("UnreadableAnswer", message, proof, request_id))


def _proof(wanted: HttpRequestInput, status: int) -> str:
    """What an answer below 500 proves of the request that it answers."""
    if wanted.read or status >= 400:
        return REFUSED
    return CARRIED_OUT if status < 300 else UNKNOWN


def _but(wanted: HttpRequestInput, fault: str) -> str:
    return f"the {wanted.method} was carried out, but {fault}"


def _value(content: bytes, charset: str | None) -> Any:
    """What selectors see: JSON, the text of what is none, null when there is nothing."""
    if not content.strip():
        return None
    try:
        return clean(json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_finite))
    except (ValueError, RecursionError):
        pass
    try:
        return clean_text(content.decode(charset or "utf-8", "replace"))
    except LookupError:  # a charset that nobody knows
        return clean_text(content.decode("utf-8", "replace"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_constant(text)


def _said(wanted: HttpRequestInput, answer: _Answer) -> str:
    """A refusal in words: the status and the beginning of what came with it, without the request's own secrets."""
    if 300 <= answer.status < 400:
        redirect = f"HTTP {answer.status}: a redirect, which isn't followed"
        if wanted.read:
            return f"{redirect}; write the address that it leads to"
        return f"{redirect}: it may mean that the {wanted.method} was carried out, or that the address has moved"
    text = answer.value if isinstance(answer.value, str) else json.dumps(answer.value, ensure_ascii=False)
    for value in wanted.headers.values():
        if isinstance(value, str) and len(value) >= 8:
            text = text.replace(value, MASK)
    said = "" if answer.value is None else f": {redact_text(shortened(text, _MAX_MESSAGE))}"
    return f"HTTP {answer.status}{said}"


def _misfit(wanted: HttpRequestInput, answer: _Answer, error: Exception) -> ApplicationError:
    """An answer whose outputs can't be selected; anything but a GET was carried out all the same."""
    code, message = type(error).__name__, str(error)
    proof = _proof(wanted, answer.status)
    if proof == CARRIED_OUT:
        message = _but(wanted, message)
    return final(code, message, CallFailure(code, message, proof, answer.request_id))


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the other side asks to wait, 0 when it doesn't say; a date there counts as nothing."""
    try:
        return min(max(float(response.headers.get("retry-after", "0")), 0.0), 300.0)
    except ValueError:
        return 0.0
