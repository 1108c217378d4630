"""Executions and large loops that say what a test tells them to: workflows for tests, on a worker of their own.

What the API makes of what workflows and the store say is tested with them; what the real ones say is tested where they
live. Task executions are made by the engine's own code.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.records import blank_record
from caboose.engine.record import nothing_hidden, task_page
from caboose.engine.state import ExecutionState, TaskRun
from workflows.messages import EXECUTION_TYPE, GET_EXECUTION, LIST_TASK_EXECUTIONS, LOOP_TYPE

QUEUE = "fakes"
Handle = WorkflowHandle[Any, Any]


class _Fake:
    """``{"record": what GetExecution answers, "execution_id": ..., "tasks": rows}``; the signal changes them."""

    given: dict[str, Any]

    async def live(self, given: dict[str, Any]) -> None:
        self.given = given
        await workflow.wait_condition(lambda: self.given.get("over") is True)

    def page(self, query: Any) -> dict[str, Any]:
        state = ExecutionState(self.given["execution_id"], created="")
        for fields in self.given["tasks"]:
            run = TaskRun(**fields)
            state.runs[run.id] = run
        return task_page(state, query, nothing_hidden)


@workflow.defn(name=EXECUTION_TYPE, sandboxed=False)
class FakeExecution(_Fake):
    """An execution."""

    @workflow.run
    async def run(self, given: dict[str, Any]) -> None:
        """Lives until it is told that it is over."""
        await self.live(given)

    @workflow.signal
    def change(self, fields: dict[str, Any]) -> None:
        """From now on it says something else."""
        self.given = {**self.given, **fields}

    @workflow.query(name=GET_EXECUTION)
    def record(self) -> dict[str, Any]:
        """The record."""
        record: dict[str, Any] = self.given["record"]
        return record

    @workflow.query(name=LIST_TASK_EXECUTIONS)
    def tasks(self, query: Any) -> dict[str, Any]:
        """A page of the task executions."""
        return self.page(query)


@workflow.defn(name=LOOP_TYPE, sandboxed=False)
class FakeLoop(FakeExecution):
    """A large loop."""

    @workflow.run
    async def run(self, given: dict[str, Any]) -> None:
        """Lives until it is told that it is over."""
        await self.live(given)


@asynccontextmanager
async def fake_worker(client: Client) -> AsyncIterator[None]:
    """A worker for them."""
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=QUEUE, workflows=[FakeExecution, FakeLoop], workflow_runner=runner):
        yield


def new_id() -> str:
    """The id of another execution."""
    return f"exec-{uuid4().hex[:20]}"


def record_of(execution_id: str, **fields: Any) -> dict[str, Any]:
    """A record of a running execution."""
    begun = {"ExecutionId": execution_id, "Status": "Running", "CreateDate": at(0), "StartDate": at(0)}
    return blank_record({**begun, "TemplateName": "t", "UpdateDate": at(0), **fields})


async def start(client: Client, record: dict[str, Any], tasks: list[dict[str, Any]]) -> Handle:
    """Starts a fake execution."""
    execution_id = record["ExecutionId"]
    given = {"record": record, "execution_id": execution_id, "tasks": tasks}
    return await client.start_workflow(EXECUTION_TYPE, given, id=execution_id, task_queue=QUEUE)


async def start_loop(
    client: Client, execution_id: str, loop_id: str, answer: dict[str, Any], tasks: list[dict[str, Any]]
) -> Handle:
    """Starts the fake workflow of a large loop."""
    given = {"record": answer, "execution_id": execution_id, "tasks": tasks}
    return await client.start_workflow(LOOP_TYPE, given, id=loop_id, task_queue=QUEUE)


def at(second: int) -> str:
    """A time in the hour after eight."""
    return f"2026-01-31T08:{second // 60:02d}:{second % 60:02d}Z"


def run_of(task_execution_id: str, begin: int, end: int = 0, **fields: Any) -> dict[str, Any]:
    """The fields of a TaskRun; one that has ended went well."""
    parent = task_execution_id.rpartition(".")[0] if task_execution_id.count(".") > 1 else ""
    ended = {"ended": at(end), "status": "Success"} if end else {}
    return {
        "id": task_execution_id,
        "name": "task",
        "action": "ACS::Sleep",
        "created": at(begin),
        "parent_id": parent,
        **ended,
        **fields,
    }


async def until(condition: Callable[[], object]) -> None:
    """Returns when the condition holds; the bound only keeps a broken test from hanging."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 -- what is waited for tells nobody
            await asyncio.sleep(0.01)
