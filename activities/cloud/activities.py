"""The activities that call the cloud: ``call_api``, ``wait_for`` and ``select_targets``.

They run in a thread pool, because the SDK's synchronous parts are by far the cheaper ones, and beat while a call is
in flight. What a failure becomes depends on what hangs on it. A read is asked again by the server until it answers
or is refused. Of a write the first failure is the last word of the activity: it crosses with its proof, and the
workflow decides whether the call may be made again (design section 5).
"""

import json
import random
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import contracts
from activities.cloud import targets, waiting
from activities.cloud.client import CloudClient
from activities.cloud.credentials import KeySource
from activities.cloud.failures import CloudError
from activities.contracts import (
    REFUSED,
    RETRIABLE,
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
from caboose.settings import Settings

MAX_OUTPUT_BYTES = 1_000_000
_BACK_OFF_CAP = 30.0
_THROTTLED_CAP = 60.0  # the cloud's quotas count by the minute


class CloudActivities:
    """The activities with what lives as long as the worker: connections, the account id, assumed roles."""

    def __init__(self, settings: Settings, own: KeySource | None = None) -> None:
        """``own`` are the worker's own credentials, by default the SDK's default chain."""
        quiet_http_loggers()
        self._cloud = CloudClient(settings, own)

    def close(self) -> None:
        """Closes the connections."""
        self._cloud.close()

    @activity.defn(name=contracts.CALL_API, no_thread_cancel_exception=True)
    def call_api(self, call: CallApiInput) -> CallApiResult:
        """Calls an API once and selects the outputs.

        Raises:
            ApplicationError: of the cloud's code with a CallFailure as detail, retryable only for reads. SelectorError
                and OutputTooLarge, without a detail: the call itself was carried out.
        """
        ask = self._cloud.read if call.read else self._cloud.write
        try:
            with heartbeats():
                answer = ask(call.context, call.service, call.api, call.parameters)
        except CloudError as error:
            raise _failed(error, again=call.read) from None
        return CallApiResult(_outputs(call.outputs, answer), _request_id(answer))

    @activity.defn(name=contracts.WAIT_FOR, no_thread_cancel_exception=True)
    def wait_for(self, wait: WaitForInput) -> CallApiResult:
        """Polls once. The server's retries are the waiting: attempt n is the n-th poll.

        Raises:
            ApplicationError: retryable while the value isn't there yet; WaitForStopped; WaitForRetriesExhausted;
                the cloud's code when it may not be asked at all.
        """
        try:
            answer, verdict = self._poll(wait)
        except selectors.SelectorError as error:
            raise _misfit(error) from None
        if verdict.kind == waiting.DESIRED:
            return CallApiResult(_outputs(wait.outputs, answer), _request_id(answer))
        if verdict.kind == waiting.STOPPED:
            raise _final("WaitForStopped", f"waited for {waiting.wanted(wait)}, stopped at {verdict.value}", answer)
        poll = activity.info().attempt
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
            return answer, waiting.judge(wait, answer, is_error=False)
        except CloudError as error:
            failure = error.failure
            if failure.proof != REFUSED:
                # throttling, a 5xx or a lost connection say nothing about the value
                return {}, waiting.Verdict(waiting.NOT_YET, f"not known ({failure.code}: {failure.message})")
            if error.body is None or error.denied:
                raise _failed(error, again=False) from None
            return error.body, waiting.judge(wait, error.body, is_error=True)

    @activity.defn(name=contracts.SELECT_TARGETS, no_thread_cancel_exception=True)
    def select_targets(self, wanted: SelectTargetsInput) -> SelectTargetsResult:
        """Selects ECS instances and the outputs of DescribeInstances' answer.

        Raises:
            ApplicationError: InvalidFilter, TooManyTargets, NoTargets, NotSupportedYet, the cloud's codes.
        """

        def ask(parameters: dict[str, Any]) -> dict[str, Any]:
            return self._cloud.describe_page(wanted.context, parameters)

        try:
            filters = targets.parse(wanted.filters, wanted.resource_type, wanted.context.region_id)
            with heartbeats():
                selection = targets.select(filters, ask)
        except CloudError as error:
            raise _failed(error, again=True) from None
        return SelectTargetsResult(_outputs(wanted.outputs, selection.answer), selection.targets)


def back_off(error: CloudError, attempt: int) -> float:
    """Seconds until a read is tried again: doubling, longer when throttled, with jitter so that a crowd spreads."""
    if error.retry_after:
        return error.retry_after
    throttled = error.failure.proof == RETRIABLE and error.failure.http_status > 0
    first, cap = (2.0, _THROTTLED_CAP) if throttled else (0.5, _BACK_OFF_CAP)
    return min(first * 2.0 ** min(attempt - 1, 16), cap) * random.uniform(0.7, 1.3)  # noqa: S311 # no secret


def _failed(error: CloudError, *, again: bool) -> ApplicationError:
    failure = error.failure
    text = f"{failure.code}: {failure.message}"
    if failure.request_id:
        text += f" (RequestId {failure.request_id})"
    if failure.proof == REFUSED or not again:
        return ApplicationError(text, failure, type=failure.code, non_retryable=True)
    delay = timedelta(seconds=back_off(error, activity.info().attempt))
    return ApplicationError(text, failure, type=failure.code, next_retry_delay=delay)


def _final(code: str, message: str, answer: dict[str, Any]) -> ApplicationError:
    failure = CallFailure(code, message, REFUSED, _request_id(answer))
    return ApplicationError(message, failure, type=code, non_retryable=True)


def _misfit(error: Exception) -> ApplicationError:
    return ApplicationError(str(error), type="SelectorError", non_retryable=True)


def _outputs(specs: dict[str, OutputSpec], answer: dict[str, Any]) -> dict[str, Any]:
    try:
        outputs = selectors.select_all(specs, answer)
    except selectors.SelectorError as error:
        raise _misfit(error) from None
    size = len(json.dumps(outputs, ensure_ascii=False).encode("utf-8", "replace"))
    if size > MAX_OUTPUT_BYTES:
        message = f"the outputs {', '.join(outputs)} are {size} bytes, at most {MAX_OUTPUT_BYTES} are allowed"
        raise ApplicationError(message, type="OutputTooLarge", non_retryable=True)
    return outputs


def _request_id(answer: dict[str, Any]) -> str:
    return str(answer.get("RequestId") or "")
