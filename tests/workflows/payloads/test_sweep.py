"""Payloads go when the server no longer knows who uses them, and no earlier."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from caboose.payloads import UNFINISHED, data_converter, sweep
from caboose.store import Store
from tests.store.records import record
from tests.support.payloads import counted, grow_old
from tests.support.processes import TemporalServer
from tests.workflows.payloads.small import IDS, PassesOn, Waits


async def forgotten(client: Client, handle: WorkflowHandle[Any, Any]) -> None:
    """As if the retention time were over."""
    execution = WorkflowExecution(workflow_id=handle.id)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    await client.workflow_service.delete_workflow_execution(request)
    while True:
        try:
            await handle.describe()
        except RPCError as error:
            assert error.status == RPCStatusCode.NOT_FOUND
            return


@pytest.mark.usefixtures("worker")
async def test_what_the_server_no_longer_knows_is_removed(client: Client, task_queue: str, store: Store) -> None:
    ended = await client.start_workflow(PassesOn.run, 2_000, id=str(uuid4()), task_queue=task_queue)
    await ended.result()
    running = await client.start_workflow(Waits.run, IDS[:2_000], id=str(uuid4()), task_queue=task_queue)
    assert counted(store) == (2, 3, 2), "the ids, which both use, and a result"
    grow_old(store)
    assert await sweep(client, store) == 0
    assert store.silent_payload_users("default", datetime.now(UTC) - timedelta(hours=1)) == []
    await forgotten(client, ended)
    assert await sweep(client, store) == 0, "it was asked about a moment ago"
    grow_old(store)
    assert await sweep(client, store) == 1
    assert counted(store) == (1, 1, 1)
    await running.signal(Waits.go_on)
    assert await running.result() == 2_000


async def test_what_is_just_being_started_loses_nothing(client: Client, store: Store) -> None:
    store.put_payloads("default", "exec-on-its-way", {"k1": b"1"})
    assert await sweep(client, store) == 0
    assert counted(store) == (1, 1, 1)


async def test_what_has_not_ended_by_its_own_record_stays(client: Client, store: Store) -> None:
    """The worker may be connected to another Temporal server than the store belongs to."""
    today = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    long_ago = (datetime.now(UTC) - 2 * UNFINISHED).strftime("%Y-%m-%dT%H:%M:%SZ")
    store.save_execution(record("exec-waits", Status="Waiting", UpdateDate=today), [])
    store.save_execution(record("exec-ended", Status="Cancelled", UpdateDate=today), [])
    store.save_execution(record("exec-terminated", Status="Running", UpdateDate=long_ago), [])
    for name in ("exec-waits", "exec-waits.t0001", "exec-ended", "exec-ended.t0001", "exec-terminated"):
        store.put_payloads("default", name, {f"of {name}": b"1"})
    grow_old(store)
    assert await sweep(client, store) == 3
    assert store.get_payloads(["of exec-waits", "of exec-waits.t0001"]) == [b"1", b"1"]


async def test_a_server_without_the_namespace_is_not_believed(temporal: TemporalServer, store: Store) -> None:
    elsewhere = await Client.connect(temporal.address, namespace="elsewhere", data_converter=data_converter(store))
    store.put_payloads("elsewhere", "exec-1", {"k1": b"1"})
    grow_old(store)
    with pytest.raises(RPCError, match="elsewhere"):
        await sweep(elsewhere, store)
    assert counted(store) == (1, 1, 1)


async def test_other_namespaces_are_left_to_their_own_workers(client: Client, store: Store) -> None:
    store.put_payloads("elsewhere", "exec-1", {"k1": b"1"})
    grow_old(store)
    assert await sweep(client, store) == 0
    assert counted(store) == (1, 1, 1)
