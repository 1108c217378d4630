"""The activities on a real Temporal server: what crosses the border, and what the server does with it."""

import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import contracts
from activities.cancel import CancelActivities
from activities.cloud.activities import CloudActivities
from activities.contracts import CallApiInput, CallApiResult, CallFailure, WaitForInput
from caboose.oos.expectations import Rule
from caboose.oos.plan import Retry
from tests.activities.harness import CONTEXT, call, specs
from tests.support.simulator import Simulator

TASK_QUEUE = "activities-under-test"
MINUTE = timedelta(minutes=1)


@workflow.defn
class RebootAndWait:
    """Reboots an instance and waits until it runs, as the product action does."""

    @workflow.run
    async def run(self, instance_id: str) -> list[str]:
        """Gives back the polled states, or what a refused reboot says."""
        reboot = call("RebootInstance", {"InstanceId": instance_id})
        try:
            await _activity(contracts.CALL_API, reboot)
        except ActivityError as error:
            assert isinstance(error.cause, ApplicationError)
            detail = CallFailure(**error.cause.details[0])
            return [detail.proof, detail.code, error.cause.message]
        wait = WaitForInput(
            CONTEXT,
            "ECS",
            "DescribeInstances",
            {"InstanceIds": [instance_id]},
            Rule("Instances.Instance[].Status", ["Running"]),
            Retry(retries=300, delay_type="Constant", delay=0.1),
            outputs=specs(states="Instances.Instance[].Status"),
        )
        result = await _activity(contracts.WAIT_FOR, wait)
        states: list[str] = result.outputs["states"]
        return states


@workflow.defn
class CancelsItself:
    """Ends as Canceled on its own."""

    @workflow.run
    async def run(self) -> None:
        """Asks twice, and waits for the request to arrive."""
        for _ in range(2):
            await workflow.execute_activity(
                contracts.CANCEL_OWN_WORKFLOW, "Rejected by alice: no", start_to_close_timeout=MINUTE
            )
        await workflow.wait_condition(lambda: False)


async def _activity(name: str, argument: CallApiInput | WaitForInput) -> CallApiResult:
    result: CallApiResult = await workflow.execute_activity(
        name,
        argument,
        result_type=CallApiResult,
        start_to_close_timeout=MINUTE,
        heartbeat_timeout=timedelta(seconds=10),
    )
    return result


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a development server."""
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal")
    )
    yield server.client
    await server.shutdown()


@pytest_asyncio.fixture
async def worker(client: Client, cloud: CloudActivities) -> AsyncIterator[None]:
    """A worker with the activities."""
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[RebootAndWait, CancelsItself],
            activities=[cloud.call_api, cloud.wait_for, CancelActivities(client).cancel_own_workflow],
            activity_executor=threads,
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            yield


@pytest.mark.usefixtures("worker")
async def test_a_reboot_is_waited_for_by_the_servers_retries(client: Client, simulator: Simulator) -> None:
    states = await client.execute_workflow(RebootAndWait.run, "i-a", id=str(uuid4()), task_queue=TASK_QUEUE)
    assert states == ["Running"]
    assert len(simulator.calls("RebootInstance")) == 1
    assert len(simulator.calls("DescribeInstances")) > 1


@pytest.mark.usefixtures("worker")
async def test_the_proof_of_a_failed_write_crosses_and_it_is_not_sent_again(
    client: Client, simulator: Simulator
) -> None:
    simulator.fault("RebootInstance", "drop_after")
    lost = await client.execute_workflow(RebootAndWait.run, "i-a", id=str(uuid4()), task_queue=TASK_QUEUE)
    assert lost[:2] == [contracts.UNKNOWN, "ConnectionLost"]
    refused = await client.execute_workflow(RebootAndWait.run, "i-nowhere", id=str(uuid4()), task_queue=TASK_QUEUE)
    assert refused[:2] == [contracts.REFUSED, "InvalidInstanceId.NotFound"]
    assert len(simulator.calls("RebootInstance")) == 2


@pytest.mark.usefixtures("worker")
async def test_a_workflow_ends_as_canceled_with_its_reason(client: Client) -> None:
    handle = await client.start_workflow(CancelsItself.run, id=str(uuid4()), task_queue=TASK_QUEUE)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    reasons = [
        event.workflow_execution_cancel_requested_event_attributes.cause
        async for event in handle.fetch_history_events()
        if event.HasField("workflow_execution_cancel_requested_event_attributes")
    ]
    assert set(reasons) == {"Rejected by alice: no"}
