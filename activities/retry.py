"""The start of an execution that retries a failed one: asks the failed one for what it takes over.

The old execution's workflow is closed; a worker replays its history to answer. What stands against a retry is a problem
like any other of a start. What may pass (no worker answers in time, the store is away) fails the activity, which the
server tries again for some minutes.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities import contracts
from activities.contracts import CheckpointAnswer, Prepared, PrepareInput
from caboose.oos.problems import Problem
from caboose.oos.start import Start
from caboose.oos.start.already_retried import after_the_other
from caboose.oos.start.retry import RETRY_OF, retry_problems
from caboose.settings import Settings
from caboose.store import Retry, Store

TRIES = 10
"""How often the old execution is asked: with the pauses between, some minutes."""
_TRIES_WHILE_IT_RUNS = 3
"""Whoever sees an execution fail may retry it a moment before it has ended in Temporal."""
_ANSWER = timedelta(seconds=20)
_RPC = timedelta(seconds=10)
_STATUSES = {
    WorkflowExecutionStatus.RUNNING: "is still running",
    WorkflowExecutionStatus.COMPLETED: "has ended as Success",
    WorkflowExecutionStatus.CANCELED: "has ended as Cancelled",
}
_FROM_OUTSIDE = "was ended from outside in Temporal, and nobody knows what it was doing then"


class RetryPreparation:
    """Needs the worker's client, the store, which knows who retries what, and the settings of today."""

    def __init__(self, client: Client, store: Store, settings: Settings) -> None:
        self._client = client
        self._store = store
        self._settings = settings

    async def prepare(self, input: PrepareInput, executed_by: str) -> Prepared:
        """The start of a retry, with plan and parameters of the execution that failed.

        Args:
            input: a request with ``RetryOf``.
            executed_by: who starts it when the request doesn't say so.
        """
        problems = retry_problems(input.request)
        if problems:
            return Prepared(problems)
        try:
            return await self._prepared(input, executed_by)
        except Exception as error:
            if activity.info().attempt < TRIES:
                raise
            message = f"{input.request[RETRY_OF]} could not be asked in {TRIES} tries: {error}"
            return Prepared([_problem("Unanswered", message, "Look at the workers' logs, and retry it again later.")])

    async def _prepared(self, input: PrepareInput, executed_by: str) -> Prepared:
        failed = await self._failed(input.request[RETRY_OF])
        if isinstance(failed, Problem):
            return Prepared([failed])
        handle = self._client.get_workflow_handle(failed.id, run_id=failed.run_id)
        answer: CheckpointAnswer = await handle.query(
            contracts.CHECKPOINT, result_type=CheckpointAnswer, rpc_timeout=_ANSWER
        )
        if answer.problem or answer.start is None:
            return Prepared([answer.problem or _problem("NothingToRetry", f"{failed.id} has nothing to go on from")])
        taken = await self._taken(failed, input)
        if taken:
            return Prepared([taken])
        start = self._start(answer.start, input, executed_by)
        return Prepared([], answer.plan, start, answer.resumption)

    async def _failed(self, execution_id: str) -> WorkflowExecutionDescription | Problem:
        """The workflow of the failed execution, or why there is none."""
        found = await self._described(execution_id)
        if found is None or "." in found.workflow_type or found.task_queue != self._settings.task_queue:
            hint = "Temporal forgets executions some time after their end; they can't be retried then."
            return _problem("NotFound", f'Temporal knows no execution "{execution_id}"', hint)
        if found.status is WorkflowExecutionStatus.RUNNING and activity.info().attempt < _TRIES_WHILE_IT_RUNS:
            raise RuntimeError(f"{execution_id} has not ended yet")
        if found.status is not WorkflowExecutionStatus.FAILED:
            told = _STATUSES.get(found.status or WorkflowExecutionStatus.RUNNING, _FROM_OUTSIDE)
            return _problem("NotFailed", f"only a Failed execution can be retried; {execution_id} {told}")
        return found

    async def _described(self, execution_id: str) -> WorkflowExecutionDescription | None:
        try:
            return await self._client.get_workflow_handle(execution_id).describe(rpc_timeout=_RPC)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _taken(self, failed: WorkflowExecutionDescription, input: PrepareInput) -> Problem | None:
        """Takes the failed execution's retry, or says who has it: two retries would do the same items twice."""
        first_run_id = failed.raw_description.workflow_execution_info.first_run_id or failed.run_id
        mine = Retry(input.execution_id, input.first_run_id)
        holder = await asyncio.to_thread(self._store.claim_retry, first_run_id, mine)
        if holder == mine:
            return None
        record = await asyncio.to_thread(self._store.get_execution, holder.execution_id)
        hint = after_the_other(holder.execution_id, holder.first_run_id, record)
        return _problem("AlreadyRetried", f"{failed.id} is retried by {holder.execution_id} already", hint)

    def _start(self, old: Start, input: PrepareInput, executed_by: str) -> Start:
        """The start of the failed execution, by whoever retries it. Whether names are trusted is said today."""
        return replace(
            old,
            executed_by=input.request.get("ExecutedBy") or executed_by,
            description=input.request.get("Description") or old.description,
            trust_names=self._settings.trust_names,
        )


def _problem(code: str, message: str, hint: str = "") -> Problem:
    return Problem(code, message, RETRY_OF, hint=hint)
