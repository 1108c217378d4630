"""Waits of minutes and weeks, with the server's clock skipping ahead: real activities, real simulator, no waiting."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from tests.workflows.skipping import Skipping


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
