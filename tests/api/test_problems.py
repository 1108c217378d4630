"""What the record says of an execution that workers fail at."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.api.conftest import Api, free_port, served, settings_of
from tests.api.fakes import new_id
from workflows.messages import EXECUTION_TYPE

QUEUE = "problems"


@workflow.defn(name=EXECUTION_TYPE, sandboxed=False)
class Earlier:
    """What an earlier release did: it slept."""

    @workflow.run
    async def run(self, given: Any) -> None:
        """Sleeps for an hour."""
        await workflow.sleep(timedelta(hours=1))


@workflow.defn(name=EXECUTION_TYPE, sandboxed=False)
class Later:
    """What a later one does in its place."""

    @workflow.run
    async def run(self, given: Any) -> None:
        """Calls something."""
        await workflow.execute_activity("anything", start_to_close_timeout=timedelta(hours=1))


@workflow.defn(name=EXECUTION_TYPE, sandboxed=False)
class Buggy:
    """One with a bug, whose message is nobody's business."""

    @workflow.run
    async def run(self, given: Any) -> None:
        """Raises."""
        raise LookupError("a value that nobody may see")


@pytest_asyncio.fixture(scope="module")
async def api(temporal_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The API of a task queue that nobody but these tests' workers poll."""
    settings = settings_of(tmp_path_factory.mktemp("problems"), free_port())
    async with served(settings.model_copy(update={"task_queue": QUEUE}), temporal_server.client) as running:
        yield running


@pytest.mark.parametrize(("release", "named"), [(Later, "NON_DETERMINISTIC_ERROR"), (Buggy, "LookupError")])
async def test_the_kind_of_failure_is_named(api: Api, release: type, named: str) -> None:
    handle = await api.temporal.start_workflow(EXECUTION_TYPE, {}, id=new_id(), task_queue=QUEUE)
    async with _worker(api, Earlier):
        await _until(lambda: _has(handle, EventType.EVENT_TYPE_TIMER_STARTED))
    await handle.signal("anything")
    async with _worker(api, release):
        await _until(lambda: _notes(api, handle.id))
    record = (await api.client.get(f"/executions/{handle.id}")).json()["Execution"]
    assert record["StatusReason"] == "WorkflowTaskFailed"
    (note,) = [each for each in record["Notes"] if each.startswith("workers fail")]
    assert f"with {named} and try it again" in note
    assert "nobody may see" not in json.dumps(record)


def _worker(api: Api, release: type) -> Worker:
    """A worker that keeps nothing, so that another one can go on at once."""
    runner = UnsandboxedWorkflowRunner()
    return Worker(api.temporal, task_queue=QUEUE, workflows=[release], workflow_runner=runner, max_cached_workflows=0)


async def _has(handle: WorkflowHandle[Any, Any], kind: EventType.ValueType) -> bool:
    return any(event.event_type == kind for event in (await handle.fetch_history()).events)


async def _notes(api: Api, execution_id: str) -> bool:
    record = (await api.client.get(f"/executions/{execution_id}")).json()["Execution"]
    return any(note.startswith("workers fail") for note in record.get("Notes", []))


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 -- what is waited for tells nobody
            await asyncio.sleep(0.05)
