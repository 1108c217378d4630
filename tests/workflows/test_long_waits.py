"""Waits of minutes and weeks, with the server's clock skipping ahead: real activities, real simulator, no waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from caboose.library_folders import built_in_templates
from caboose.settings import Settings
from caboose.store import Store
from tests.support.processes import FAST, TEMPORAL
from tests.support.programs import PROGRAMS
from tests.support.simulator import Simulator
from worker import make_worker
from workflows.messages import SEARCH_ATTRIBUTES

QUEUE = "long-waits"


class Skipping:
    """A server that skips time, the simulator, and a worker in this process."""

    def __init__(self, environment: WorkflowEnvironment, simulator: Simulator) -> None:
        self.environment = environment
        self.simulator = simulator

    async def start(self, name: str, count: int = 1) -> WorkflowHandle[Any, Any]:
        """Starts the stored template for ``count`` instances."""
        self.simulator.put_instances(count)
        ids = [each["InstanceId"] for each in self.simulator.instances()]
        parameters = {
            "targets": {"Type": "ResourceIds", "ResourceIds": ids},
            "webHookUrl": self.simulator.webhook(),
        }
        request = {"TemplateName": "reboot-with-approval", "Parameters": parameters, "RegionId": "cn-hangzhou"}
        client = self.environment.client
        return await client.start_workflow("Execution", request, id=f"exec-{name}", task_queue=QUEUE)


@pytest_asyncio.fixture(scope="module")
async def skipping(tmp_path_factory: Any) -> AsyncIterator[Skipping]:
    """The parts, started for real."""
    folder: Path = tmp_path_factory.mktemp("skipping")
    flags = {**FAST, "frontend.WorkflowTimeSkippingEnabled": "true"}
    with Simulator() as simulator:
        environment = await WorkflowEnvironment.start_time_skipping_v2(
            dev_server_existing_path=TEMPORAL,
            dev_server_log_level="error",
            search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
            ts_config=TimeSkippingConfig(max_session_skip_count=10_000),
            dev_server_extra_args=[
                argument for name, value in flags.items() for argument in ("--dynamic-config-value", f"{name}={value}")
            ],
        )
        settings = Settings(
            data_dir=folder,
            task_queue=QUEUE,
            ecs_endpoint=simulator.endpoint,
            sts_endpoint=simulator.endpoint,
            cloud_protocol="http",
            simulator_url=simulator.url,
        )
        store = Store.open(settings.store_url())
        store.migrate()
        store.seed(built_in_templates())
        async with make_worker(environment.client, settings, store, PROGRAMS):
            yield Skipping(environment, simulator)
        await environment.shutdown()
        store.close()


async def _record(handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    record: dict[str, Any] = await handle.query("GetExecution")
    return record


async def test_an_approval_may_take_three_weeks(skipping: Skipping) -> None:
    with skipping.environment.with_time_skipping_disabled():
        handle = await skipping.start("three-weeks")
    await skipping.environment.fast_forward(handle, timedelta(days=21))
    assert (await _record(handle))["Status"] == "Waiting"
    await handle.signal("NotifyExecution", {"NotifyType": "Approve"})
    assert await handle.result() == {"instanceIds": ["i-sim00001"]}
    record = await _record(handle)
    waited = datetime.fromisoformat(record["EndDate"]) - datetime.fromisoformat(record["CreateDate"])
    assert waited >= timedelta(days=21)


async def test_an_instance_that_never_runs_again_ends_the_wait(skipping: Skipping) -> None:
    skipping.simulator.reset(transition_seconds=100_000)
    handle = await skipping.start("never-running")
    await _approve_when_asked(handle)
    failure = await _failure(handle)
    assert failure.type == "LoopFailed"
    assert "WaitForRetriesExhausted" in failure.message
    polls = skipping.simulator.calls("DescribeInstances")
    assert len(polls) == 1 + 61, "one selection, one poll and sixty retries"
    skipping.simulator.reset(transition_seconds=0.2)


async def test_throttling_is_waited_out_and_the_call_sent_again(skipping: Skipping) -> None:
    skipping.simulator.reset()
    skipping.simulator.fault("RebootInstance", "error", code="Throttling.User", http_status=400, times=6)
    handle = await skipping.start("throttled")
    await _approve_when_asked(handle)
    assert await handle.result() == {"instanceIds": ["i-sim00001"]}
    outcomes = [call["outcome"] for call in skipping.simulator.calls("RebootInstance")]
    assert outcomes == ["error:Throttling.User"] * 6 + ["answered"]


async def test_throttling_without_end_fails_with_the_clouds_code(skipping: Skipping) -> None:
    skipping.simulator.reset()
    skipping.simulator.fault("RebootInstance", "error", code="Throttling.User", http_status=400, times=None)
    handle = await skipping.start("throttled-for-ever")
    await _approve_when_asked(handle)
    failure = await _failure(handle)
    assert "Throttling.User" in failure.message
    assert len(skipping.simulator.calls("RebootInstance")) == 10
    assert skipping.simulator.instances()[0]["Reboots"] == 0
    skipping.simulator.reset()


async def test_a_robot_that_stays_silent_leaves_the_approval_open(skipping: Skipping) -> None:
    skipping.simulator.reset()
    skipping.simulator.fault("robot", "error", errcode=410100, message="too fast", times=None)
    handle = await skipping.start("silent-robot")
    await _until(handle, lambda record: bool(record["Approvals"]) and _delivered(record) is False)
    record = await _record(handle)
    assert record["Status"] == "Waiting"
    assert "not delivered" in record["Tasks"][-1]["StatusMessage"]
    await handle.signal("NotifyExecution", {"NotifyType": "Approve"})
    assert await handle.result() == {"instanceIds": ["i-sim00001"]}
    skipping.simulator.reset()


def _delivered(record: dict[str, Any]) -> Any:
    return record["Approvals"][-1]["Notification"]["Delivered"]


async def _approve_when_asked(handle: WorkflowHandle[Any, Any]) -> None:
    await _until(handle, lambda record: record["Status"] == "Waiting")
    await handle.signal("NotifyExecution", {"NotifyType": "Approve"})


async def _until(handle: WorkflowHandle[Any, Any], condition: Any) -> None:
    for _ in range(600):
        if condition(await _record(handle)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never happened: {await _record(handle)}")


async def _failure(handle: WorkflowHandle[Any, Any]) -> ApplicationError:
    try:
        await handle.result()
    except WorkflowFailureError as error:
        assert isinstance(error.cause, ApplicationError)
        return error.cause
    raise AssertionError("it did not fail")
