"""The activities that call the cloud: ``call_api``, ``wait_for`` and ``select_targets``.

They run in a thread pool, because the SDK's synchronous parts are by far the cheaper ones, and beat while a call is
in flight. What a failure becomes depends on what hangs on it. A read is asked again by the server until it answers,
is refused, or was tried too often: tries are counted here and not by a time-out of the server, because that would
count the time in which no worker was there to try. Of a write the first failure is the last word of the activity: it
crosses with its proof, and the workflow decides whether the call may be made again (design section 5).
"""

import time
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

from activities import contracts
from activities.attempt import Attempt
from activities.cloud import targets
from activities.cloud.client import CloudClient
from activities.cloud.credentials import KeySource
from activities.cloud.failures import CloudError
from activities.contracts import (
    CARRIED_OUT,
    REFUSED,
    CallApiInput,
    CallApiResult,
    CallFailure,
    SelectTargetsInput,
    SelectTargetsResult,
    WaitForInput,
)
from activities.heartbeat import heartbeats
from activities.polling import READ_TRIES, Polling, Seen, back_off, final, number_of, timed_out
from activities.quiet import quiet_http_loggers
from activities.selecting import OutputTooLarge, Selecting, members_of
from caboose.oos import selectors
from caboose.oos.expectations import DESIRED, NOT_YET, Rule, Verdict, judge, takes_the_error
from caboose.oos.values import json_size
from caboose.sandbox import SandboxError
from caboose.settings import Settings

PAGE_TRIES = 3
_PAGE_PAUSE = 6.0
"""Seconds; a cloud that wants a longer one is left alone, and the whole begins anew."""


class CloudActivities:
    """The activities with what lives as long as the worker: connections, the account id, assumed roles."""

    def __init__(self, settings: Settings, programs: selectors.Engine, own: KeySource | None = None) -> None:
        """``programs`` runs selectors that are no plain paths; ``own`` are the worker's own credentials, by default
        the SDK's default chain."""
        quiet_http_loggers()
        self._selecting = Selecting(programs)
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
                answer = self._cloud.read(*what) if call.read else self._cloud.write(*what, attempt, call.client_token)
            except CloudError as error:
                raise _failed(error, again=call.read) from None
            try:
                return CallApiResult(self._selecting.outputs(call.outputs, answer), _request_id(answer))
            except (selectors.SelectorError, OutputTooLarge) as error:
                raise _misfit(error) if call.read else _carried_out(call.api, error, answer) from None
            except SandboxError as error:
                if call.read:
                    raise
                raise _carried_out(call.api, error, answer) from None

    @activity.defn(name=contracts.WAIT_FOR, no_thread_cancel_exception=True)
    def wait_for(self, wait: WaitForInput) -> CallApiResult:
        """Polls once, for ACS::WaitFor and ACS::CheckFor.

        Raises:
            ApplicationError: as ``Polling.not_as_wanted``; the cloud's code when it may not be asked at all; of a call
                that changes something the cloud's code with what it proves.
        """
        polling = Polling(wait.retry, wait.check, wait.read, number_of(wait.poll))
        polling.check_tries(wait.api)
        with heartbeats() as attempt:  # selecting may take its time too
            answer, refusal = self._poll(wait, polling, attempt)
            try:
                verdict = self._verdict(wait.rule, answer, refusal)
                if verdict.kind == DESIRED:
                    return CallApiResult(self._selecting.outputs(wait.outputs, answer), _request_id(answer))
            except (selectors.SelectorError, OutputTooLarge) as error:
                raise _misfit(error) if wait.read else _carried_out(wait.api, error, answer) from None
            except SandboxError as error:
                if wait.read:
                    raise
                raise _carried_out(wait.api, error, answer) from None
            outputs = self._selecting.outputs_if_any(wait.outputs, answer)
        if refusal is not None and refusal.denied and verdict.kind == NOT_YET:
            refusal.failure = replace(refusal.failure, outputs=outputs)
            raise _failed(refusal, again=False)
        return polling.not_as_wanted(Seen(wait.rule, verdict, outputs, _request_id(answer)))

    def _poll(self, wait: WaitForInput, polling: Polling, attempt: Attempt) -> tuple[dict[str, Any], CloudError | None]:
        """The answer, or the body of the API's own refusal beside that; whatever else fails is raised."""
        what = (wait.context, wait.service, wait.api, wait.parameters)
        try:
            return (self._cloud.read(*what) if wait.read else self._cloud.write(*what, attempt)), None
        except CloudError as error:
            if wait.read and error.failure.proof != REFUSED:
                # throttling, a 5xx or a lost connection say nothing about the value
                raise polling.no_answer(error.failure, back_off(error, polling.number)) from None
            if error.failure.proof != REFUSED or error.body is None:
                raise _failed(error, again=False) from None
            return error.body, error

    def _verdict(self, rule: Rule, answer: dict[str, Any], refusal: CloudError | None) -> Verdict:
        if refusal is None:
            return judge(rule, self._selecting.values(rule, answer))
        not_yet = Verdict(NOT_YET, f"{answer.get('Code')}: {answer.get('Message')}")
        if not takes_the_error(rule.selector):
            return not_yet
        try:
            return judge(rule, self._selecting.values(rule, answer))
        except selectors.SelectorError:  # it was made for another body
            return not_yet

    @activity.defn(name=contracts.SELECT_TARGETS, no_thread_cancel_exception=True)
    def select_targets(self, wanted: SelectTargetsInput) -> SelectTargetsResult:
        """Selects ECS instances and the outputs of DescribeInstances' answer.

        Raises:
            ApplicationError: InvalidFilter, TooManyTargets, NoTargets, NotSupportedYet, the cloud's codes;
                SelectorError and OutputTooLarge.
        """
        _check_tries("DescribeInstances")

        def ask(parameters: dict[str, Any]) -> dict[str, Any]:
            return self._page(wanted.context, parameters)

        try:
            filters = targets.parse(wanted.filters, wanted.resource_type, wanted.context.region_id)
            with heartbeats():
                selection = targets.select(filters, ask, members_of(wanted.outputs, ("Instances", "Instance")))
        except CloudError as error:
            raise _failed(error, again=True) from None
        try:
            outputs = self._selecting.outputs(wanted.outputs, selection.answer, json_size(asdict(selection.targets)))
            return SelectTargetsResult(outputs, selection.targets)
        except (selectors.SelectorError, OutputTooLarge) as error:
            raise _misfit(error) from None

    def _page(self, context: contracts.CloudContext, parameters: dict[str, Any]) -> dict[str, Any]:
        """One page. Of a thousand pages some meet a fault of the moment, which must not begin them all anew."""
        tries = 1
        while True:
            if activity.is_cancelled():
                raise CancelledError("nobody waits for the other pages")
            try:
                return self._cloud.describe_page(context, parameters)
            except CloudError as error:
                pause = back_off(error, tries)
                if error.failure.proof == REFUSED or tries == PAGE_TRIES or pause > _PAGE_PAUSE:
                    raise
            time.sleep(pause)
            tries += 1


def _check_tries(api: str) -> None:
    """Ends a read whose attempts ended without a word: lost with their workers, or cut off by the time-out."""
    if activity.info().attempt > READ_TRIES:
        raise timed_out(api, READ_TRIES)


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


def _misfit(error: Exception) -> ApplicationError:
    return final(type(error).__name__, str(error))


def _carried_out(api: str, error: Exception, answer: dict[str, Any]) -> ApplicationError:
    request_id = _request_id(answer)
    message = f"the call {api} was carried out (RequestId {request_id or 'unknown'}), but {error}"
    failure = CallFailure(type(error).__name__, message, CARRIED_OUT, request_id)
    return final(failure.code, message, failure)


def _request_id(answer: dict[str, Any]) -> str:
    return str(answer.get("RequestId") or "")
