"""Payloads above the threshold are in the store and not in the history; what goes wrong is tried again."""

import json
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import ExternalStorageReference, WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from caboose.inline import THRESHOLD
from caboose.payloads import DRIVER
from caboose.store import Store
from tests.support.payloads import away, counted
from tests.workflows.payloads.small import ACTIVITIES, CALLED, IDS, CallsOnce, PassesOn, Shows, Waits

FEW = IDS[:20_000]
"""Too many to stay inline."""


async def started(client: Client, task_queue: str, workflow: Any, *arguments: Any) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(workflow, args=arguments, id=str(uuid4()), task_queue=task_queue)


def without_store(client: Client, handle: WorkflowHandle[Any, Any]) -> WorkflowHandle[Any, Any]:
    """The workflow as a client sees it that doesn't know of the store."""
    return Client(client.service_client).get_workflow_handle(handle.id)


@pytest.mark.usefixtures("worker")
async def test_a_large_value_travels_outside_of_the_history(client: Client, task_queue: str, store: Store) -> None:
    handle = await started(client, task_queue, PassesOn.run, len(IDS))
    assert await handle.result() == {"ids": IDS, "number": len(IDS)}
    history = await handle.fetch_history()
    assert sum(event.ByteSize() for event in history.events) < THRESHOLD
    assert counted(store) == (2, 2, 1), "the ids, once, and the result with the ids in it"
    (result,) = history.events[-1].workflow_execution_completed_event_attributes.result.payloads
    assert result.metadata["messageType"] == ExternalStorageReference.DESCRIPTOR.full_name.encode()
    shown = json.loads(result.data)
    assert shown["driverName"] == DRIVER
    assert store.get_payloads([shown["claimData"]["key"]])


@pytest.mark.usefixtures("worker")
async def test_a_small_value_stays_inline(client: Client, task_queue: str, store: Store) -> None:
    handle = await started(client, task_queue, PassesOn.run, 10)
    assert await handle.result() == await without_store(client, handle).result() == {"ids": IDS[:10], "number": 10}
    assert counted(store) == (0, 0, 0)


@pytest.mark.usefixtures("worker")
async def test_answers_to_queries_stay_inline(client: Client, task_queue: str, store: Store) -> None:
    handle = await started(client, task_queue, Waits.run, FEW)
    plain = without_store(client, handle)
    assert await plain.query("marked") == await handle.query("marked") == FEW
    assert counted(store) == (1, 1, 1), "the input"
    assert await handle.query("plain") == FEW
    with pytest.raises(RuntimeError, match="externally stored"):
        await plain.query("plain")
    await handle.signal(Waits.go_on)
    await handle.result()


@pytest.mark.usefixtures("worker")
async def test_what_the_ui_shows_as_current_details_stays_inline(client: Client, task_queue: str, store: Store) -> None:
    handle = await started(client, task_queue, Shows.run)
    await handle.result()
    plain = without_store(client, handle)
    shown = await plain.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert len(shown.current_details) == 19_000
    assert counted(store) == (0, 0, 0)


@pytest.mark.usefixtures("worker")
async def test_a_workflow_goes_on_when_the_store_is_back(client: Client, task_queue: str, store: Store) -> None:
    handle = await started(client, task_queue, Waits.run, FEW)
    await handle.query("marked")
    with away(store):
        await handle.signal(Waits.go_on)
        await happened(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    assert "is not at the newest schema" in (await failed_tasks(handle))[0]
    assert await handle.result() == len(FEW)


async def failed_tasks(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """What the workflow tasks failed for."""
    history = await handle.fetch_history()
    return [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]


@pytest.mark.usefixtures("worker")
async def test_a_result_that_cannot_be_stored_leaves_the_outcome_unknown(
    client: Client, task_queue: str, store: Store
) -> None:
    with away(store):
        handle = await started(client, task_queue, CallsOnce.run, "select_ids", len(FEW))
        told = await handle.result()
    assert told.startswith("OutcomeUnknown StoreNotAtHead: ")
    assert CALLED == ["select_ids"], "it was called, and not again"


@pytest.mark.usefixtures("only_workflows")
async def test_an_input_that_cannot_be_read_proves_that_nothing_was_called(
    client: Client, task_queue: str, store: Store
) -> None:
    handle = await started(client, task_queue, CallsOnce.run, "number_of", FEW)
    await happened(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    with away(store):
        async with Worker(client, task_queue=task_queue, activities=ACTIVITIES):
            await happened(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)
    assert await handle.result() == "NotCarriedOut PayloadUnavailable"
    assert CALLED == []


async def happened(handle: WorkflowHandle[Any, Any], event_type: Any) -> None:
    """Returns when the history has such an event."""
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.event_type == event_type:
            return
