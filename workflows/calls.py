"""Carrying out what the engine asks for, with activities.

What may be tried again is decided by what is proven (design section 5): reads are retried by the server, a call that
changes something gets one activity with one attempt, and another one only when the first was proven not carried out.
A worker that dies during such a call leaves a heartbeat time-out, which proves nothing: ``OutcomeUnknown``.

No activity has a time-out that counts the time in the queue: a day without a worker delays an execution, it doesn't
fail it. How often a read is tried is the activity's business, which knows its attempt.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities import contracts
from caboose.engine.apart import LoopInput, LoopOutcome
from caboose.engine.effects import (
    Answered,
    Call,
    Delivered,
    HttpRequest,
    Mail,
    Message,
    Place,
    Poll,
    Selected,
    Selection,
)
from caboose.engine.errors import TaskFailed
from caboose.engine.loop import STOP
from caboose.engine.progress import Progress
from caboose.engine.state import TaskRun
from caboose.oos.expectations import delay
from caboose.oos.plan import Plan
from caboose.oos.selectors import Engine
from caboose.oos.text import clean_text
from workflows import inputs
from workflows.details import cut_bytes
from workflows.failures import NotCarriedOut, translated
from workflows.large_loops import run_loop_workflow
from workflows.pace import Pace, input_size
from workflows.programs import Programs

Result = TypeVar("Result")

_READ_POLICY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
_POLL_POLICY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1))
_ONE_ATTEMPT = RetryPolicy(maximum_attempts=1)
_HEARTBEAT = timedelta(seconds=10)
"""After so much silence the server knows that a call's worker is gone; a read then begins anew."""
_WRITE_TRIES = 10
"""How often a call that was proven not carried out (throttled, connection refused) is sent: some five minutes."""
_MAX_WRITE_PAUSE = 60
EVENTS_A_CALL = 6
"""An activity, and the workflow task that takes its result."""
_BYTES_A_CALL = 2_500
_MAX_EVENTS_OF_A_LOOP = 2_000
"""A larger loop runs as a workflow of its own (design section 2)."""
_MAX_EVENTS_OF_LOOPS = 8_000
"""So do all loops once the history is that long: one that can't go on as new must not grow without end."""
_LAST_EVENT = 48_000
"""Both below the server's wall of 51,200 events, where an execution is terminated without a word."""
_LAST_BYTE = 40_000_000
"""The same for its wall of 50 MB."""
MAX_SUMMARY_BYTES = 390
"""The server takes 400."""


class ActivityEffects:
    """The engine's Effects on Temporal. ``changed`` is called whenever the record has something new to say."""

    def __init__(
        self, execution_id: str, first_run_id: str, changed: Callable[[], None], report: Callable[[], None]
    ) -> None:
        self._execution_id = execution_id
        self._first_run_id = first_run_id
        self._changed = changed
        self._report = report
        self._pace = Pace()
        self._stopped = False
        self._expected = 0
        self.in_flight = 0
        self.programs: Engine = Programs(self._begin, self._pace)

    async def call(self, call: Call) -> Answered:
        """A read, or one try of a call that changes something and as many more as are proven safe."""
        request = contracts.CallApiInput(
            context=self._context(call.place),
            service=call.service,
            api=call.api,
            parameters=call.parameters,
            outputs=call.outputs,
            read=call.read,
            client_token=call.client_token,
        )
        if call.read:
            result = await self._run(
                contracts.CALL_API,
                request,
                contracts.CallApiResult,
                call.place.summary,
                start_to_close_timeout=timedelta(minutes=3),
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_READ_POLICY,
            )
        else:
            result = await self._write(contracts.CALL_API, request, call.place.summary)
        return Answered(result.outputs, result.request_id)

    async def _write(self, name: str, request: Any, summary: str) -> contracts.CallApiResult:
        tries = 1
        while True:
            try:
                return await self._run(
                    name,
                    request,
                    contracts.CallApiResult,
                    summary,
                    finish_when_cancelled=True,
                    start_to_close_timeout=timedelta(minutes=2),
                    heartbeat_timeout=_HEARTBEAT,
                    retry_policy=_ONE_ATTEMPT,
                )
            except NotCarriedOut as failure:
                self._go_on()
                if tries == _WRITE_TRIES:
                    raise failure.as_task_failure() from None
            await workflow.sleep(timedelta(seconds=min(2**tries, _MAX_WRITE_PAUSE)), summary="not carried out: again")
            tries += 1

    async def poll(self, poll: Poll) -> Answered:
        """One activity whose attempts the server schedules: a wait of hours costs three events and no slot."""
        request = inputs.wait_for(poll, self._context(poll.call.place))
        return await self._polled(contracts.WAIT_FOR, request, poll.call.place.summary)

    async def request(self, request: HttpRequest) -> Answered:
        """A GET like a poll; of anything else each request is one activity with one attempt."""
        return await self._polled(contracts.HTTP_REQUEST, inputs.http_request(request), request.summary)

    async def _polled(
        self, name: str, request: contracts.WaitForInput | contracts.HttpRequestInput, summary: str
    ) -> Answered:
        if request.read:
            result = await self._run(
                name,
                request,
                contracts.CallApiResult,
                summary,
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_POLL_POLICY,
            )
            return Answered(result.outputs, result.request_id)
        poll = 1
        while (result := await self._write(name, replace(request, poll=poll), summary)).not_yet:
            await self.sleep(delay(request.retry, poll), f"{summary}: it is {result.not_yet}")
            poll += 1
        return Answered(result.outputs, result.request_id)

    async def select(self, selection: Selection) -> Selected:
        """Selects machines; the response stays with the activity, the outputs and a short list come back."""
        result = await self._run(
            contracts.SELECT_TARGETS,
            contracts.SelectTargetsInput(
                self._context(selection.place), selection.resource_type, selection.filters, selection.outputs
            ),
            contracts.SelectTargetsResult,
            selection.place.summary,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=_READ_POLICY,
        )
        targets = {
            "Items": [{"Id": each.id, "Name": each.name, "Status": each.status} for each in result.targets.items],
            "Count": result.targets.count,
            "Missing": result.targets.missing,
            "MissingCount": max(result.targets.missing_count, len(result.targets.missing)),
        }
        return Selected(result.outputs, targets)

    async def notify(self, message: Message) -> Delivered:
        """Posts a message. Failures come back as an answer: an approval stays open without its message."""
        request = inputs.notify(message, self._execution_id, workflow.info().first_execution_run_id)
        return await self._delivered(contracts.NOTIFY, request, f"{message.task_name} message {message.number}")

    async def mail(self, mail: Mail) -> Delivered:
        """Sends a mail. Failures come back as an answer here too."""
        request = inputs.mail(mail, self._execution_id, workflow.info().first_execution_run_id)
        return await self._delivered(contracts.SEND_MAIL, request, f"{mail.task_name} mail")

    async def _delivered(self, name: str, request: Any, summary: str) -> Delivered:
        try:
            result = await self._run(
                name,
                request,
                contracts.NotifyResult,
                summary,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=_READ_POLICY,
            )
        except TaskFailed as failure:
            return Delivered(False, failure.message)
        return Delivered(result.delivered, result.message, result.warning)

    def go_on(self) -> None:
        """Asked at the end: nothing follows that would begin."""
        self._go_on()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits without a timer, for years if it must be."""
        self._go_on()
        await workflow.wait_condition(condition)

    async def sleep(self, seconds: float, summary: str) -> None:
        """One timer of the server, which a year costs no more than a second; a cancellation ends it at once."""
        self._begin()
        await workflow.sleep(timedelta(seconds=seconds), summary=cut_bytes(summary, MAX_SUMMARY_BYTES))

    async def breathe(self) -> None:
        """Ends the workflow task when enough was worked on in it, and goes on in the next."""
        await self._pace.breathe()

    def worked(self, size: int) -> None:
        """Counts what was worked on in this workflow task."""
        self._pace.worked(size)

    async def turn(self) -> None:
        """Lets loop items begin at the pace of a workflow task."""
        self._go_on()
        await self._pace.turn()

    def runs_apart(self, calls: int) -> bool:
        """Whether so many calls make more events than an execution should have of one loop, or of all together: those
        that begin here are counted before they have made their events, because a hundred may begin at once."""
        events = calls * EVENTS_A_CALL
        expected = max(self._expected, workflow.info().get_current_history_length()) + events
        apart = events > _MAX_EVENTS_OF_A_LOOP or expected > _MAX_EVENTS_OF_LOOPS
        if not apart:
            self._expected = expected
        return apart

    async def run_apart(self, loop: tuple[LoopInput, Progress], run: TaskRun) -> LoopOutcome:
        """Runs the loop as a child workflow."""
        self._begin()
        self._changed()
        return await run_loop_workflow(*loop, run, self._stop)

    def _stop(self) -> None:
        """The execution is cancelled: from now on nothing new begins."""
        if not self._stopped:
            self._stopped = True
            self._report()

    async def compile(self, name: str, version: str, content: str | None) -> Plan:
        """Compiles in an activity, where the store and the library are."""
        result = await self._run(
            contracts.COMPILE,
            contracts.CompileInput(name, version, content),
            contracts.CompileResult,
            f"compile {name}".strip(),
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=_READ_POLICY,
        )
        if result.plan is None:
            raise TaskFailed(result.code, result.message)
        return result.plan

    def cancellation(self) -> str:
        """The reason is the one that was given with the request."""
        reason = workflow.cancellation_reason()
        return clean_text(f"cancelled: {reason}" if reason else "cancelled")

    def now(self) -> datetime:
        """The time of the workflow task, the same in every replay."""
        return workflow.now()

    def report(self) -> None:
        """The status may have changed: the record is written again."""
        self._report()

    def _context(self, place: Place) -> contracts.CloudContext:
        return contracts.CloudContext(self._execution_id, place.region_id, place.ram_role)

    def _go_on(self) -> None:
        """Nothing new begins once the execution is being cancelled, or whoever asks is one of the items of a loop that
        stops: that one swallowed its cancellation to hear the answer of a call (``_finished``)."""
        asking = asyncio.current_task()
        if self._stopped or (asking and asking.cancelling()):
            raise asyncio.CancelledError

    def _begin(self) -> None:
        """Whatever leaves a trace in history begins with this.

        Raises:
            TaskFailed: ``HistoryLimit``.
        """
        self._go_on()
        info = workflow.info()
        if info.get_current_history_length() > _LAST_EVENT or info.get_current_history_size() > _LAST_BYTE:
            raise TaskFailed("HistoryLimit", "this execution's history is full; run several executions")

    async def _answer(self, handle: workflow.ActivityHandle[Any]) -> Any:
        """The answer of a call that changes something; it is in flight until then."""
        self.in_flight += 1
        try:
            return await self._finished(handle)
        finally:
            self.in_flight -= 1

    async def _finished(self, handle: workflow.ActivityHandle[Any]) -> Any:
        """The answer of a call that changes something, cancelled or not: what is known of it must not be lost.

        A cancellation, and a loop that stops its other items, wait until the call has answered; ``_go_on`` ends the
        work at its next step. Only a worker that lets go of the execution (it cancels too) isn't kept waiting.
        """
        told = False
        while not handle.done():
            try:
                await workflow.wait([handle])
            except asyncio.CancelledError as cancellation:
                by_loop = cancellation.args[:1] == (STOP,)
                if not by_loop and (told or workflow.cancellation_reason() is None):
                    raise
                told = told or not by_loop
                if not by_loop:
                    self._stop()
        return await handle

    async def _run(
        self,
        name: str,
        request: Any,
        result_type: type[Result],
        summary: str,
        *,
        finish_when_cancelled: bool = False,
        **options: Any,
    ) -> Result:
        """Runs an activity at the pace that the server bears, and says its failures in the engine's words."""
        self._begin()
        async with self._pace.slot(input_size(request)):
            self._go_on()
            handle = workflow.start_activity(
                name, request, result_type=result_type, summary=cut_bytes(summary, MAX_SUMMARY_BYTES), **options
            )
            try:
                result: Result = await (self._answer(handle) if finish_when_cancelled else handle)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    self._stopped = self._stopped or workflow.cancellation_reason() is not None
                    raise asyncio.CancelledError from None
                raise translated(error, changes=finish_when_cancelled) from None
            finally:
                self._changed()
        return result
