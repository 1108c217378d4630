"""The workflow that runs any template: one dynamic class for the type ``Execution`` and for templates' names as types.

It takes raw JSON everywhere. A typed argument that a Temporal client gets wrong would fail workflow tasks for ever;
here it becomes a clear failure of the execution, or a refused notification (design section 2, "Nothing gets stuck").
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities import contracts
from caboose.engine.decisions import check, keep, notify, waiting_approvals
from caboose.engine.flow import run_execution
from caboose.engine.record import Header, Hide, execution_record, for_store, nothing_hidden, task_page
from caboose.engine.run import Run, context_of
from caboose.engine.state import CANCELLED, FAILED, ExecutionState, Outcome, timestamp
from caboose.oos.names import TEMPLATE_NAME
from caboose.oos.problems import Problem, errors, summary, warnings
from caboose.oos.redact import redact_text
from caboose.oos.start import Start
from caboose.oos.values import json_fault, json_size
from workflows import messages
from workflows.answers import inline
from workflows.beside import beside
from workflows.calls import MAX_SUMMARY_BYTES, ActivityEffects
from workflows.details import cut_bytes, details
from workflows.large_loops import LoopReports
from workflows.recorder import Recorder
from workflows.retrying import Retryable, beginning, retry_of

_STATUS = SearchAttributeKey.for_keyword(messages.OOS_STATUS)
_TEMPLATE_NAME = SearchAttributeKey.for_keyword(messages.OOS_TEMPLATE_NAME)
_EXECUTED_BY = SearchAttributeKey.for_keyword(messages.OOS_EXECUTED_BY)
_MAX_KEYWORD = 200
_MAX_MEMO_MESSAGE = 4_000
"""Bytes: what is above 16 KB as JSON would be shown as a reference."""
MAX_INPUT_BYTES = 5_000_000
"""A value of the largest size, a template, and the other fields."""
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(dynamic=True)
class ExecutionWorkflow:
    """One execution: prepares the plan, lets the engine run it, answers queries, takes decisions, keeps the record."""

    def __init__(self) -> None:
        now = timestamp(workflow.now())
        self._state = ExecutionState(workflow.info().workflow_id, created=now, is_cancelling=_is_cancelling)
        self._header = Header(workflow.info().first_execution_run_id)
        self._effects = ActivityEffects(
            self._state.execution_id, self._header.first_run_id, self._show_details, self._report
        )
        self._loops = LoopReports(self._state, self._report)
        self._retryable = Retryable(self._state)
        self._recorder = Recorder(self._state, lambda revision: for_store(self._record(revision)), self._hidden)
        self._shown_status = ""
        self._hide: Hide = nothing_hidden

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> Any:
        """Runs a template to its end. The result is the execution's Outputs.

        Raises:
            ApplicationError: the execution failed; its type is the code, its message the StatusMessage.
        """
        _leave_to_newer_workers()
        self._show_status()
        recorder = asyncio.ensure_future(self._recorder.keep())
        return await beside([recorder], self._work(args, recorder))

    async def _work(self, args: Sequence[RawValue], recorder: "asyncio.Future[None]") -> Any:
        try:
            await self._interpret(_request(args))
        except ApplicationError as error:
            self._state.end(FAILED, self._now(), reason=error.type or FAILED, message=error.message)
        except asyncio.CancelledError:
            if not self._state.final_status:
                self._state.end(CANCELLED, self._now(), reason="Cancelled", message=self._effects.cancellation())
            self._keep_status_message()
            await self._finish(recorder)
            raise
        await self._finish(recorder)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.final_status == CANCELLED:
            await self._end_cancelled(redact_text(self._state.message))
        if self._state.final_status == FAILED:
            message = redact_text(self._state.message)
            raise ApplicationError(message, type=self._state.reason or FAILED, non_retryable=True)
        return self._state.outputs

    async def _interpret(self, request: Any) -> None:
        self._header = replace(self._header, template_name=_template_name(request), retry_of=retry_of(request))
        workflow.upsert_search_attributes([_TEMPLATE_NAME.value_set(_searchable(self._header.template_name))])
        prepared = await self._prepare(request)
        if prepared.plan is None or prepared.start is None:
            message = summary(errors(prepared.problems))
            self._header = replace(self._header, warnings=prepared.problems)
            self._state.end(FAILED, self._now(), reason="ValidationFailed", message=message)
            return
        start = prepared.start
        executed_by = _executed_by(start, request)
        self._header = replace(
            self._header,
            start=start,
            executed_by=executed_by,
            warnings=warnings(prepared.problems),
            tasks=tuple(task.name for task in prepared.plan.body.tasks),
        )
        workflow.upsert_search_attributes(
            [_TEMPLATE_NAME.value_set(start.template_name), _EXECUTED_BY.value_set(_searchable(executed_by))]
        )
        run = Run(
            prepared.plan,
            self._state,
            self._effects,
            context_of(start),
            first_run_id=self._header.first_run_id,
        )
        self._hide = run.hide
        parameters, begin = beginning(request, prepared.resumption, run, start)
        self._retryable.begin(run, start, parameters)
        self._report()
        await run_execution(run, parameters, begin)

    async def _prepare(self, request: Any) -> contracts.Prepared:
        try:
            prepared: contracts.Prepared = await workflow.execute_activity(
                contracts.PREPARE,
                contracts.PrepareInput(self._state.execution_id, request, self._header.first_run_id),
                result_type=contracts.Prepared,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=_RETRY,
                summary="compile and bind",
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from None
            cause = error.cause.message if isinstance(error.cause, ApplicationError) else "the worker was lost"
            return contracts.Prepared([Problem("PrepareFailed", f"the start could not be checked: {cause}")])
        return prepared

    @workflow.signal(name=messages.NOTIFY_EXECUTION)
    def notified(self, *inputs: Any) -> None:
        """NotifyExecution as a signal: its outcome stands in the record's Decisions."""
        self._apply(inputs[0] if len(inputs) == 1 else None)

    @workflow.update(name=messages.NOTIFY_EXECUTION)
    def notify_execution(self, *inputs: Any) -> dict[str, Any]:
        """NotifyExecution as an update: its outcome is the answer.

        Raises:
            ApplicationError: the notification was refused; the type is the refusal's code.
        """
        outcome = self._apply(inputs[0] if len(inputs) == 1 else None)
        if not outcome.accepted:
            raise ApplicationError(outcome.message, type=outcome.code, non_retryable=True)
        return {"Accepted": True, "Message": outcome.message}

    @notify_execution.validator
    def check_notification(self, *inputs: Any) -> None:
        """Refuses without a trace in history what would change nothing."""
        refused = check(self._state, inputs[0] if len(inputs) == 1 else None)
        if refused:
            raise ApplicationError(refused.message, type=refused.code, non_retryable=True)

    @workflow.update(name=messages.NOTIFY_AGAIN)
    def notify_again(self, *_: Any) -> dict[str, Any]:
        """Sends a fresh message for every approval that waits.

        Raises:
            ApplicationError: ``NotWaiting``.
        """
        approvals = waiting_approvals(self._state)
        if not approvals:
            raise ApplicationError("no approval waits now", type="NotWaiting", non_retryable=True)
        for approval in approvals:
            approval.number += 1
            approval.delivered, approval.delivery_message = None, ""
        self._loops.send_again(approvals)
        return {"Sent": len(approvals)}

    @workflow.signal(name=messages.LOOP_CHANGED)
    def loop_changed(self, *inputs: Any) -> None:
        """One of the execution's large loops says how far it is."""
        self._loops.take(inputs[0] if len(inputs) == 1 else None)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """A signal of another name is shown in the record; whoever sent it sees nothing of a refusal."""
        del args
        message = f"there is no signal {name[:80]!r}; the signal is {messages.NOTIFY_EXECUTION}"
        keep(self._state, Outcome(False, "UnknownSignal", message, at=self._now()))

    @workflow.query(name=messages.GET_EXECUTION)
    def get_execution(self, *_: Any) -> RawValue:
        """The execution's record as of now."""
        return inline(self._record(self._recorder.revision))

    @workflow.query(name=messages.LIST_TASK_EXECUTIONS)
    def list_task_executions(self, *inputs: Any) -> RawValue:
        """A page of task executions."""
        return inline(task_page(self._state, inputs[0] if inputs else None, self._hide))

    @workflow.query(name=contracts.CHECKPOINT)
    def checkpoint(self, *_: Any) -> contracts.CheckpointAnswer:
        """What another execution needs to go on from where this one failed."""
        return self._retryable.answer()

    def _apply(self, body: Any) -> Outcome:
        outcome = notify(self._state, body, self._now())
        if outcome.accepted and not self._state.final_status:
            self._loops.tell_answers()
            self._report()
        return outcome

    def _now(self) -> str:
        return timestamp(workflow.now())

    def _record(self, revision: int) -> dict[str, Any]:
        state = self._state
        state.in_flight = self._effects.in_flight + self._loops.in_flight
        return execution_record(state, self._header, now=self._now(), revision=revision, hide=self._hide)

    def _hidden(self, text: str) -> str:
        return self._hide(text)

    def _show_details(self) -> None:
        workflow.set_current_details(details(self._state))

    def _report(self) -> None:
        self._recorder.report()
        self._show_status()
        self._show_details()

    def _show_status(self) -> None:
        status = self._state.status
        if status != self._shown_status:
            workflow.upsert_search_attributes([_STATUS.value_set(status)])
            self._shown_status = status

    async def _finish(self, recorder: "asyncio.Future[None]") -> None:
        self._report()
        await self._recorder.finish(recorder)

    def _keep_status_message(self) -> None:
        """Into the memo, where ``temporal workflow describe`` shows it: a Canceled workflow keeps no reason itself."""
        message = cut_bytes(redact_text(self._state.message), _MAX_MEMO_MESSAGE)
        workflow.upsert_memo({"StatusMessage": message})

    async def _end_cancelled(self, reason: str) -> None:
        """Ends as Canceled, which a workflow can't do by itself: an activity asks the server to cancel it.

        The activity is awaited before and after: closing while it runs would leave a failed workflow task behind.
        """
        self._keep_status_message()
        if workflow.cancellation_reason() is not None:
            raise asyncio.CancelledError  # somebody asked already, and the server asks only once
        request = workflow.start_activity(
            contracts.CANCEL_OWN_WORKFLOW,
            reason,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_RETRY,
            summary=cut_bytes(reason, MAX_SUMMARY_BYTES),
        )
        try:
            await asyncio.shield(request)
            await workflow.wait_condition(lambda: workflow.cancellation_reason() is not None)
            raise asyncio.CancelledError
        except asyncio.CancelledError:
            await request
            raise


def _is_cancelling() -> bool:
    return workflow.cancellation_reason() is not None


def _leave_to_newer_workers() -> None:
    """Types of our own contain a dot; one that this worker doesn't know waits for a worker that does."""
    name = workflow.info().workflow_type
    if "." in name:
        raise RuntimeError(f"this worker doesn't know the workflow type {name!r}: it waits for a newer worker")


def _request(args: Sequence[RawValue]) -> Any:
    """The start request: the input of ``Execution``, or the parameters given to a template's name as the type.

    Raises:
        ApplicationError: ``InvalidInput``, for input that isn't one JSON value, and types that can't name a template.
    """
    name = workflow.info().workflow_type
    try:
        inputs = [workflow.payload_converter().from_payload(arg.payload) for arg in args]
    except Exception as error:
        message = f"the input is not JSON: {error}"
        raise ApplicationError(message, type="InvalidInput", non_retryable=True) from None
    if len(inputs) > 1:
        message = f"{len(inputs)} inputs were given; give one JSON object"
        raise ApplicationError(message, type="InvalidInput", non_retryable=True)
    given = inputs[0] if inputs else {}
    fault = json_fault(given)
    if not fault and json_size(given) > MAX_INPUT_BYTES:
        fault = f"more than {MAX_INPUT_BYTES} bytes"
    if fault:
        raise ApplicationError(f"the input can't be used: {fault}", type="InvalidInput", non_retryable=True)
    if name == messages.EXECUTION_TYPE:
        return given
    if not TEMPLATE_NAME.fullmatch(name):
        message = f"{name[:200]!r} is neither {messages.EXECUTION_TYPE} nor the name of a template"
        raise ApplicationError(message, type="UnknownTemplate", non_retryable=True)
    return {"TemplateName": name, "Parameters": given}


def _searchable(text: str) -> str:
    """A text as a search attribute: databases keep 255 characters of a Keyword, and the server refuses 2 KB."""
    return text[:_MAX_KEYWORD]


def _template_name(request: Any) -> str:
    """What a start asks for, for the record of one that is refused."""
    name = request.get("TemplateName") if isinstance(request, dict) else None
    return name if isinstance(name, str) else ""


def _executed_by(start: Start, request: Any) -> str:
    """The starter's name; one that a Temporal client gave is only claimed, which the API's starts are not."""
    if workflow.memo_value("StartedBy", None) or not isinstance(request, dict) or not request.get("ExecutedBy"):
        return start.executed_by
    return f"{start.executed_by} (claimed)"
