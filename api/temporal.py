"""The gateway to Temporal: the few requests the API makes, each with a time limit, and their failures in our words.

A client library's errors don't tell a server that is away from a worker that is away: a query without a worker ends
with CANCELLED, an update with an error of its own, a lazy connection with RuntimeError. Here they become the tree
below, so that handlers can say which of the two it was. The client's own retries of an unreachable server go on for
nine seconds whatever its ``rpc_timeout`` is, hence the limit of our own round every request.

    TemporalError
      Unreachable      the server can't be reached or doesn't serve us
      NoAnswer         the server took it, but no worker answered in time
      NotFound         no such execution
      Ended            the execution has ended, so it takes no message
      Refused          the execution answered no, with a code
      StartRefused     the server doesn't take this start
      AlreadyStarted   an execution with this id is there already
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows.messages import EXECUTION_TYPE, NOTIFY_EXECUTION

SERVER_SECONDS = 4.0
"""For what the server answers itself."""
WORKER_SECONDS = 3.0
"""For what only a worker can answer (measured: 5 to 20 ms when there is one)."""

_REQUEST_DIGEST = "RequestDigest"
_STARTED_BY = "StartedBy"
_TASK_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
_PAGE_OF_EVENTS, _MAX_PAGES = 250, 20
_TIMED_OUT = (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED)


class TemporalError(Exception):
    """A request to Temporal that didn't bring what was asked for."""


class Unreachable(TemporalError):
    """The server can't be reached, or doesn't serve us at the moment."""

    def __init__(self, message: str = "Temporal can't be reached at the moment.") -> None:
        super().__init__(message)
        self.message = message


class NoAnswer(TemporalError):
    """The server is there, but no worker answered in time."""

    def __init__(self, message: str = "No worker answers yet.") -> None:
        super().__init__(message)
        self.message = message


class NotFound(TemporalError):
    """The server knows no such execution (never started, or forgotten after the retention time)."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"no execution {execution_id}")
        self.execution_id = execution_id


class Ended(TemporalError):
    """The execution has ended: it takes no message any more."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} has ended")
        self.execution_id = execution_id


class Refused(TemporalError):
    """The execution's own no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class StartRefused(TemporalError):
    """The server doesn't take this start, with its reason."""


class AlreadyStarted(TemporalError):
    """An execution with this id was started before."""


@dataclass(frozen=True)
class Seen:
    """What the server itself knows of an execution, worker or not."""

    execution_id: str
    run_id: str
    first_run_id: str
    workflow_type: str
    task_queue: str
    status: WorkflowExecutionStatus
    started: str
    ended: str
    request_digest: str
    attributes: dict[str, str]
    tries: int = 0
    """How often its pending workflow task was given to a worker; 0 when there is none."""

    @property
    def running(self) -> bool:
        """Whether it still takes messages."""
        return self.status == WorkflowExecutionStatus.RUNNING


class Gateway:
    """The API's way to the executions. Safe for any number of requests at a time."""

    def __init__(self, client: Client, task_queue: str, worker_seconds: float = WORKER_SECONDS) -> None:
        self._client = client
        self._task_queue = task_queue
        self.worker_seconds = worker_seconds

    async def start(
        self,
        execution_id: str,
        request: dict[str, Any],
        *,
        digest: str,
        started_by: str,
        summary: str,
        attributes: dict[str, str],
    ) -> str:
        """Start the workflow and return the id of its first run. ``started_by`` goes into the memo, which tells the
        workflow that the name was checked here; a name in the request alone is only claimed.

        Raises:
            AlreadyStarted: when the id is taken, by a running or by an ended execution.
            StartRefused: when the server refuses the request (too large, search attributes missing).
            Unreachable: also when it isn't known whether the start was received.
        """
        async with _limit(SERVER_SECONDS, execution_id):
            try:
                handle = await self._client.start_workflow(
                    EXECUTION_TYPE,
                    request,
                    id=execution_id,
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    memo={_REQUEST_DIGEST: digest, _STARTED_BY: started_by},
                    search_attributes=_search_attributes(attributes),
                    static_summary=summary,
                    rpc_timeout=timedelta(seconds=SERVER_SECONDS),
                )
            except WorkflowAlreadyStartedError:
                raise AlreadyStarted(execution_id) from None
            except RPCError as error:
                if error.status == RPCStatusCode.INVALID_ARGUMENT:
                    raise StartRefused(str(error)) from None
                raise
        return handle.first_execution_run_id or ""

    async def describe(self, execution_id: str) -> Seen:
        """What the server knows. Raises NotFound, Unreachable."""
        handle = self._client.get_workflow_handle(execution_id)
        async with _limit(SERVER_SECONDS, execution_id):
            description = await handle.describe(rpc_timeout=timedelta(seconds=SERVER_SECONDS))
            digest = await description.memo_value(_REQUEST_DIGEST, "")
        return _seen(description, digest)

    async def failure(self, seen: Seen) -> str:
        """The kind of error at which its last workflow task failed, as workflow code or the server names it; '' when it
        went well or was never answered. The error's text stays out of it: it may hold values that nobody may see.

        Raises:
            NotFound, Unreachable.
        """
        async with _limit(SERVER_SECONDS, seen.execution_id):
            ended = await self._last_task_end(seen)
        if ended is None or ended.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return ""
        failed = ended.workflow_task_failed_event_attributes
        cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
        return failed.failure.application_failure_info.type or cause

    async def _last_task_end(self, seen: Seen) -> HistoryEvent | None:
        """The event with which its last workflow task ended. What was in flight then may have answered since: events
        of a thousand calls and more lie between."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=seen.execution_id, run_id=seen.run_id),
            maximum_page_size=_PAGE_OF_EVENTS,
        )
        for _ in range(_MAX_PAGES):
            answer = await self._client.workflow_service.get_workflow_execution_history_reverse(
                request, timeout=timedelta(seconds=SERVER_SECONDS)
            )
            ended = next((event for event in answer.history.events if event.event_type in _TASK_ENDS), None)
            if ended is not None or not answer.next_page_token:
                return ended
            request.next_page_token = answer.next_page_token
        return None

    async def query(self, execution_id: str, name: str, argument: Any = None) -> Any:
        """Ask the workflow itself. Raises NotFound, NoAnswer, Unreachable."""
        handle = self._client.get_workflow_handle(execution_id)
        arguments = [] if argument is None else [argument]
        async with _limit(self.worker_seconds, execution_id, by_worker=True):
            try:
                return await handle.query(name, args=arguments, rpc_timeout=timedelta(seconds=self.worker_seconds))
            except WorkflowQueryFailedError:
                raise NoAnswer from None  # a worker that couldn't: its log says why
            except RPCError as error:
                # it ended before its first task, or its worker hasn't polled for minutes
                if error.status == RPCStatusCode.FAILED_PRECONDITION:
                    raise NoAnswer from None
                raise

    async def signal(self, seen: Seen, notification: dict[str, Any]) -> None:
        """Send NotifyExecution to exactly the run that was seen. Raises Ended, Unreachable."""
        handle = self._client.get_workflow_handle(seen.execution_id, run_id=seen.run_id)
        async with _limit(SERVER_SECONDS, seen.execution_id):
            try:
                await handle.signal(NOTIFY_EXECUTION, notification, rpc_timeout=timedelta(seconds=SERVER_SECONDS))
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:  # it was there a moment ago
                    raise Ended(seen.execution_id) from None
                raise

    async def update(self, seen: Seen, name: str, argument: Any = None) -> Any:
        """Send an update to the run that was seen, and return its answer.

        Raises:
            Refused: the execution's no.
            NoAnswer: no worker answered; the update may still be carried out by one that comes soon.
            Ended, Unreachable: nothing was sent.
        """
        handle = self._client.get_workflow_handle(seen.execution_id, run_id=seen.run_id)
        arguments = [] if argument is None else [argument]
        async with _limit(self.worker_seconds, seen.execution_id, by_worker=True):
            try:
                return await handle.execute_update(
                    name, args=arguments, rpc_timeout=timedelta(seconds=self.worker_seconds)
                )
            except WorkflowUpdateFailedError as error:
                cause = error.cause
                code = cause.type if isinstance(cause, ApplicationError) else None
                raise Refused(code or "NotAccepted", getattr(cause, "message", str(cause))) from None
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    raise Ended(seen.execution_id) from None
                raise

    async def cancel(self, seen: Seen, reason: str) -> None:
        """Ask for cancellation. Raises Ended, Unreachable."""
        if not seen.running:  # the server itself takes it silently
            raise Ended(seen.execution_id)
        handle = self._client.get_workflow_handle(seen.execution_id, run_id=seen.run_id)
        async with _limit(SERVER_SECONDS, seen.execution_id):
            await handle.cancel(reason=reason, rpc_timeout=timedelta(seconds=SERVER_SECONDS))

    async def check(self) -> None:
        """Make sure that the server answers. Raises Unreachable."""
        async with _limit(2, ""):
            await self._client.service_client.check_health(timeout=timedelta(seconds=2))


@asynccontextmanager
async def _limit(seconds: float, execution_id: str, *, by_worker: bool = False) -> AsyncIterator[None]:
    """Bound a request in time and bring its failure into our words."""
    late: TemporalError = NoAnswer() if by_worker else Unreachable("Temporal doesn't answer in time.")
    try:
        async with asyncio.timeout(seconds + 0.5):  # the server's own limit comes first when it is there
            yield
    except (TimeoutError, RPCTimeoutOrCancelledError):
        raise late from None
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NotFound(execution_id) from None
        raise (late if error.status in _TIMED_OUT else Unreachable()) from None
    except RuntimeError as error:
        if "client connect" not in str(error):
            raise
        raise Unreachable from None


def _search_attributes(values: dict[str, str]) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [SearchAttributePair(SearchAttributeKey.for_keyword(name), value) for name, value in values.items()]
    )


def _seen(description: WorkflowExecutionDescription, digest: Any) -> Seen:
    info = description.raw_description.workflow_execution_info
    pending = description.raw_description.pending_workflow_task
    attributes = {pair.key.name: str(pair.value) for pair in description.typed_search_attributes}
    return Seen(
        execution_id=description.id,
        run_id=description.run_id,
        first_run_id=info.first_run_id or description.run_id,
        workflow_type=description.workflow_type,
        task_queue=description.task_queue,
        status=description.status or WorkflowExecutionStatus.RUNNING,
        started=_instant(description.start_time),
        ended=_instant(description.close_time),
        request_digest=str(digest),
        attributes=attributes,
        tries=pending.attempt,
    )


def _instant(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
