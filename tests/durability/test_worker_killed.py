"""``kill -9`` of the worker at the four moments that matter; the simulator's log proves which one was hit."""

import asyncio
from collections.abc import Iterator

import pytest

from activities import contracts
from tests.support.processes import Worker, until
from tests.support.proxy import Proxy
from tests.support.stack import Stack

BEATS = {contracts.CALL_API: 10, contracts.WAIT_FOR: 10, contracts.SELECT_TARGETS: 30}
"""Seconds of silence after which a worker is given up, by activity."""


@pytest.fixture
def worker(stack: Stack) -> Iterator[Worker]:
    """The shared stack's worker, running again when the test is over."""
    yield stack.worker
    stack.worker.kill()
    stack.worker.start()


def _ids(stack: Stack, count: int) -> list[str]:
    stack.simulator.put_instances(count)
    return [str(each["InstanceId"]) for each in stack.simulator.instances()]


def _one_reboot_each(stack: Stack, ids: list[str]) -> None:
    assert sorted(call["instance_id"] for call in stack.reboots()) == sorted(ids)
    assert all(each["Reboots"] == 1 for each in stack.simulator.instances())


def test_while_it_waits_for_approval(stack: Stack, worker: Worker) -> None:
    ids = _ids(stack, 2)
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    worker.kill()
    signal = ["workflow", "signal", "--workflow-id", execution_id, "--name", "NotifyExecution"]
    stack.temporal_cli(*signal, "--input", '{"NotifyType": "Approve", "Approver": "nobody is there yet"}')
    assert not stack.reboots()
    worker.start()
    assert stack.finish(execution_id)["Status"] == "Success"
    _one_reboot_each(stack, ids)


def test_a_call_of_any_kind_is_missed_soon(stack: Stack, worker: Worker) -> None:
    """A worker that is gone can't say so: without heartbeats the minutes of a time-out would have to pass."""
    ids = _ids(stack, 1)
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    assert stack.finish(execution_id)["Status"] == "Success"

    async def activities() -> dict[str, int]:
        handle = (await stack.temporal_client()).get_workflow_handle(execution_id)
        history = await handle.fetch_history()
        began = [event.activity_task_scheduled_event_attributes for event in history.events]
        return {each.activity_type.name: each.heartbeat_timeout.seconds for each in began if each.activity_id}

    beats = asyncio.run(activities())
    assert {name: seconds for name, seconds in beats.items() if seconds} == BEATS


def test_in_the_loop_with_no_call_in_flight(stack: Stack, worker: Worker) -> None:
    stack.simulator.reset(transition_seconds=5)
    ids = _ids(stack, 3)
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    until(lambda: _polls_after_reboot(stack) >= len(ids), "each instance was polled once after its restart")
    worker.kill()
    at_the_kill = stack.simulator.calls()
    assert all(call["outcome"] == "answered" for call in at_the_kill), "no call was in flight"
    assert len(stack.reboots()) == len(ids)
    worker.start()
    assert stack.finish(execution_id)["Status"] == "Success"
    _one_reboot_each(stack, ids)


def _polls_after_reboot(stack: Stack) -> int:
    if len(stack.reboots()) < 3 or any(call["outcome"] != "answered" for call in stack.reboots()):
        return 0
    last = max(call["item"] for call in stack.reboots())
    return sum(
        call["item"] > last and call["outcome"] == "answered" for call in stack.simulator.calls("DescribeInstances")
    )


def test_with_a_call_received_and_not_answered_that_a_read_decides(stack: Stack, worker: Worker) -> None:
    stack.simulator.reset(transition_seconds=25)
    ids = _ids(stack, 1)
    stack.simulator.fault("RebootInstance", "delay", seconds=60)
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    until(lambda: len(stack.reboots()) == 1 and stack.reboots()[0]["carried_out"], "the call was received")
    worker.kill()
    assert [call["outcome"] for call in stack.reboots()] in (["received"], ["abandoned"]), "it was not answered"
    worker.start()
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", "Starting is a state that only the call explains"
    _one_reboot_each(stack, ids)


def test_with_a_call_received_and_not_answered_that_nothing_decides(stack: Stack, worker: Worker) -> None:
    ids = _ids(stack, 2)
    stack.simulator.fault("RebootInstance", "delay", seconds=60, times=2)
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    until(lambda: len(stack.reboots()) == 2, "both calls were received")
    worker.kill()
    assert all(call["outcome"] in ("received", "abandoned") for call in stack.reboots()), "none was answered"
    stack.simulator.clear_faults()
    worker.start()
    until(lambda: len(stack.get(execution_id)["Waiting"]) == 2, "both items wait for a person")
    record = stack.get(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Waiting", "OutcomeUnknown")
    assert {wait["LoopItem"] for wait in record["Waiting"]} == set(ids)
    _one_reboot_each(stack, ids)
    assert stack.notify(execution_id, "SkipTask", LoopItem=ids[0]).status_code == 200
    assert stack.notify(execution_id, "RetryTask", LoopItem=ids[1], NotifyNote="it never went down").status_code == 200
    assert stack.finish(execution_id)["Status"] == "Success"
    assert sorted(call["instance_id"] for call in stack.reboots()) == sorted([*ids, ids[1]]), "one more, as decided"


def test_with_a_call_answered_and_not_reported(stack: Stack, worker: Worker) -> None:
    ids = _ids(stack, 1)
    worker.kill()
    with Proxy(stack.temporal.port) as proxy:
        behind_proxy = Worker(stack.folder / "behind-proxy", {**stack.env, "TEMPORAL_ADDRESS": proxy.address})
        behind_proxy.log.parent.mkdir(exist_ok=True)
        behind_proxy.start()
        execution_id = stack.start(stack.parameters(ids))
        stack.wait_for_approval(execution_id)
        stack.simulator.fault("RebootInstance", "delay", seconds=2)
        stack.notify(execution_id, "Approve")
        until(lambda: len(stack.reboots()) == 1, "the call was received")
        proxy.hold()
        until(lambda: stack.reboots()[0]["outcome"] == "answered", "the call was answered")
        behind_proxy.kill()
    worker.start()
    until(lambda: bool(stack.get(execution_id)["Waiting"]), "the item waits for a person")
    assert stack.get(execution_id)["StatusReason"] == "OutcomeUnknown"
    _one_reboot_each(stack, ids)
    wait = stack.get(execution_id)["Waiting"][0]
    answer = stack.notify(execution_id, "SkipTask", TaskExecutionId=wait["TaskExecutionId"])
    assert answer.status_code == 200, answer.text
    assert stack.finish(execution_id)["Status"] == "Success"
    _one_reboot_each(stack, ids)
