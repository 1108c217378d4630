"""The activities that call the cloud: ``call_api``, ``wait_for`` and ``select_targets``.

They run in a thread pool, because the SDK's synchronous parts are by far the cheaper ones, and beat while a call is
in flight. What a failure becomes depends on what hangs on it. A read is asked again by the server until it answers,
is refused, or was tried too often: tries are counted here and not by a time-out of the server, because that would
count the time in which no worker was there to try. Of a write the first failure is the last word of the activity: it
crosses with its proof, and the workflow decides whether the call may be made again (design section 5).
"""

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import contracts
from activities.cloud import targets, waiting
from activities.cloud.client import CloudClient
from activities.cloud.credentials import KeySource
from activities.cloud.failures import CloudError
from activities.contracts import (
    CARRIED_OUT,
    REFUSED,
    RETRIABLE,
    UNKNOWN,
    CallApiInput,
    CallApiResult,
    CallFailure,
    SelectTargetsInput,
    SelectTargetsResult,
    WaitForInput,
)
from activities.heartbeat import heartbeats
from activities.quiet import quiet_http_loggers
from caboose.oos import selectors
from caboose.oos.plan import OutputSpec
from caboose.oos.values import json_size
from caboose.sandbox import SandboxError
from caboose.settings import Settings

MAX_OUTPUT_BYTES = 1_000_000
"""Of a result as Temporal keeps it: JSON in which what is beyond ASCII takes six bytes and more."""
READ_TRIES = 30
"""How often a read is tried at most: with the back-off, some twelve minutes of a cloud that doesn't answer."""
_BACK_OFF_CAP = 30.0
_THROTTLED_CAP = 60.0  # the cloud's quotas count by the minute
_SELECT_SECONDS = 60
"""How long the selectors of one answer may take, most of it waiting for their turn."""

Selected = TypeVar("Selected")


class CloudActivities:
    """The activities with what lives as long as the worker: connections, the account id, assumed roles."""

    def __init__(self, settings: Settings, programs: selectors.Engine, own: KeySource | None = None) -> None:
        """``programs`` runs selectors that are no plain paths; ``own`` are the worker's own credentials, by default
        the SDK's default chain."""
        quiet_http_loggers()
        self._programs = programs
        self._cloud = CloudClient(settings, own)

    def close(self) -> None:
        """Closes the connections."""
        self._cloud.close()

    @activity.defn(name=contracts.CALL_API, no_thread_cancel_exception=True)
    def call_api(self, call: CallApiInput) -> CallApiResult:
        """Calls an API once and selects the outputs.

        Raises:
            ApplicationError: of the cloud's code with a CallFailure as detail, retryable only for reads. SelectorError
                and OutputTooLarge, for good; after a call that changes something their detail says CARRIED_OUT.
        """
        if call.read:
            _check_tries(call.api)
        what = (call.context, call.service, call.api, call.parameters)
        with heartbeats() as attempt:  # selecting may take its time too
            try:
                answer = self._cloud.read(*what) if call.read else self._cloud.write(*what, attempt)
            except CloudError as error:
                raise _failed(error, again=call.read) from None
            try:
                return CallApiResult(self._outputs(call.outputs, answer), _request_id(answer))
            except (selectors.SelectorError, OutputTooLarge) as error:
                raise _misfit(error) if call.read else _carried_out(call.api, error, answer) from None
            except SandboxError as error:
                if call.read:
                    raise
                raise _carried_out(call.api, error, answer) from None

    @activity.defn(name=contracts.WAIT_FOR, no_thread_cancel_exception=True)
    def wait_for(self, wait: WaitForInput) -> CallApiResult:
        """Polls once. The server's retries are the waiting: attempt n is the n-th poll.

        Raises:
            ApplicationError: retryable while the value isn't there yet; WaitForStopped; WaitForRetriesExhausted;
                the cloud's code when it may not be asked at all.
        """
        poll = activity.info().attempt
        if poll > wait.retries + 1:  # the polls before were lost with their workers, or took too long
            raise _final("WaitForRetriesExhausted", f"waited for {waiting.wanted(wait)}; the last polls were lost", {})
        try:
            answer, verdict = self._poll(wait)
            if verdict.kind == waiting.DESIRED:
                return CallApiResult(self._outputs(wait.outputs, answer), _request_id(answer))
        except (selectors.SelectorError, OutputTooLarge) as error:
            raise _misfit(error) from None
        if verdict.kind == waiting.STOPPED:
            raise _final("WaitForStopped", f"waited for {waiting.wanted(wait)}, stopped at {verdict.value}", answer)
        if poll > wait.retries:
            raise _final(
                "WaitForRetriesExhausted",
                f"waited for {waiting.wanted(wait)}; after {poll} polls it is {verdict.value}",
                answer,
            )
        raise ApplicationError(
            f"waiting for {waiting.wanted(wait)}, it is {verdict.value}",
            type="NotYet",
            next_retry_delay=timedelta(seconds=waiting.delay(wait, poll)),
            category=ApplicationErrorCategory.BENIGN,
        )

    def _poll(self, wait: WaitForInput) -> tuple[dict[str, Any], waiting.Verdict]:
        try:
            with heartbeats():
                answer = self._cloud.read(wait.context, wait.service, wait.api, wait.parameters)
            return answer, waiting.judge(wait, self._results(wait, answer))
        except CloudError as error:
            failure = error.failure
            if failure.proof != REFUSED:
                # throttling, a 5xx or a lost connection say nothing about the value
                return {}, waiting.Verdict(waiting.NOT_YET, f"not known ({failure.code}: {failure.message})")
            if error.body is None or error.denied:
                raise _failed(error, again=False) from None
            not_yet = waiting.Verdict(waiting.NOT_YET, f"{error.body.get('Code')}: {error.body.get('Message')}")
            if not waiting.takes_the_error(wait.property_selector):
                return error.body, not_yet
            try:
                return error.body, waiting.judge(wait, self._results(wait, error.body))
            except selectors.SelectorError:  # it was made for another body
                return error.body, not_yet

    @activity.defn(name=contracts.SELECT_TARGETS, no_thread_cancel_exception=True)
    def select_targets(self, wanted: SelectTargetsInput) -> SelectTargetsResult:
        """Selects ECS instances and the outputs of DescribeInstances' answer.

        Raises:
            ApplicationError: InvalidFilter, TooManyTargets, NoTargets, NotSupportedYet, the cloud's codes;
                SelectorError and OutputTooLarge.
        """
        _check_tries("DescribeInstances")

        def ask(parameters: dict[str, Any]) -> dict[str, Any]:
            return self._cloud.describe_page(wanted.context, parameters)

        try:
            filters = targets.parse(wanted.filters, wanted.resource_type, wanted.context.region_id)
            with heartbeats():
                selection = targets.select(filters, ask)
        except CloudError as error:
            raise _failed(error, again=True) from None
        try:
            outputs = self._outputs(wanted.outputs, selection.answer, json_size(asdict(selection.targets)))
            return SelectTargetsResult(outputs, selection.targets)
        except (selectors.SelectorError, OutputTooLarge) as error:
            raise _misfit(error) from None

    def _results(self, wait: WaitForInput, body: dict[str, Any]) -> list[Any]:
        try:
            return _selected(selectors.results_of(wait.property_selector, body, self._programs))
        except selectors.SelectorError as error:
            raise selectors.SelectorError(f"PropertySelector {wait.property_selector!r:.200}: {error}") from None

    def _outputs(self, specs: dict[str, OutputSpec], answer: dict[str, Any], beside: int = 0) -> dict[str, Any]:
        """The selected outputs; ``beside`` are the bytes that travel with them.

        Raises:
            SelectorError, OutputTooLarge, SandboxError: plain ones, because what they mean depends on the call.
        """
        outputs = _selected(selectors.select_all(specs, answer, self._programs))
        size = json_size(outputs) + beside
        if size > MAX_OUTPUT_BYTES:
            names = f" with the outputs {', '.join(outputs)}" if outputs else ""
            raise OutputTooLarge(f"the result{names} has {size} bytes, at most {MAX_OUTPUT_BYTES} are allowed")
        return outputs


def _selected(selecting: Awaitable[Selected]) -> Selected:
    """The result of selecting, in the activity's thread, which has no event loop of its own."""

    async def in_time() -> Selected:
        try:
            async with asyncio.timeout(_SELECT_SECONDS):
                return await selecting
        except TimeoutError:
            raise SandboxError(f"no answer from the programs of this task within {_SELECT_SECONDS} s") from None

    return asyncio.run(in_time())


def back_off(error: CloudError, attempt: int) -> float:
    """Seconds until a read is tried again: doubling, longer when throttled, with jitter so that a crowd spreads."""
    if error.retry_after:
        return error.retry_after
    throttled = error.failure.proof == RETRIABLE and error.failure.http_status > 0
    first, cap = (2.0, _THROTTLED_CAP) if throttled else (0.5, _BACK_OFF_CAP)
    return min(first * 2.0 ** min(attempt - 1, 16), cap) * random.uniform(0.7, 1.3)  # noqa: S311 # no secret


class OutputTooLarge(ValueError):
    """A result that is larger than one value in Temporal may be."""


def _check_tries(api: str) -> None:
    """Ends a read whose attempts ended without a word: lost with their workers, or cut off by the time-out."""
    if activity.info().attempt > READ_TRIES:
        failure = CallFailure("TimedOut", f"{api} was tried {READ_TRIES} times and never finished in time", UNKNOWN)
        raise ApplicationError(failure.message, failure, type=failure.code, non_retryable=True)


def _failed(error: CloudError, *, again: bool) -> ApplicationError:
    failure, attempt = error.failure, activity.info().attempt
    if again and failure.proof != REFUSED and attempt >= READ_TRIES:
        failure, again = replace(failure, message=f"{failure.message} (tried {attempt} times)"), False
    text = f"{failure.code}: {failure.message}"
    if failure.request_id:
        text += f" (RequestId {failure.request_id})"
    if failure.proof == REFUSED or not again:
        return ApplicationError(text, failure, type=failure.code, non_retryable=True)
    delay = timedelta(seconds=back_off(error, attempt))
    return ApplicationError(text, failure, type=failure.code, next_retry_delay=delay)


def _final(code: str, message: str, answer: dict[str, Any]) -> ApplicationError:
    return _unlogged(message, code, CallFailure(code, message, REFUSED, _request_id(answer)))


def _misfit(error: Exception) -> ApplicationError:
    return _unlogged(str(error), type(error).__name__)


def _carried_out(api: str, error: Exception, answer: dict[str, Any]) -> ApplicationError:
    request_id = _request_id(answer)
    message = f"the call {api} was carried out (RequestId {request_id or 'unknown'}), but {error}"
    failure = CallFailure(type(error).__name__, message, CARRIED_OUT, request_id)
    return _unlogged(message, failure.code, failure)


def _unlogged(message: str, code: str, *details: Any) -> ApplicationError:
    """A failure whose message quotes what the template gives, secrets too: benign ones aren't logged."""
    return ApplicationError(message, *details, type=code, non_retryable=True, category=ApplicationErrorCategory.BENIGN)


def _request_id(answer: dict[str, Any]) -> str:
    return str(answer.get("RequestId") or "")
