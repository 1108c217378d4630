"""Large loops that end before their items do: what was cut off stands in the record, and nothing is called Cancelled
that nobody cancelled."""

import asyncio

from tests.support.processes import until
from tests.support.stack import Stack
from tests.workflows.large_loops.loops import IDS, looped, start


def test_items_whose_outcome_is_unknown_are_in_the_record_of_a_cancelled_one(stack: Stack) -> None:
    stack.simulator.fault("RebootInstance", "drop_before", instance_id=IDS[10])
    execution_id = start(stack, looped({"Concurrency": 20}))
    until(lambda: len(stack.get(execution_id)["Waiting"]) == 1, "an item waits for people")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "a mistake"}).status_code == 200
    record = stack.finish(execution_id)
    assert record["Status"] == "Cancelled"
    told = "reboot: calls that may or may not have been carried out: 1; see the task executions"
    assert record["Notes"] == [told]
    items = stack.tasks(execution_id, IncludeChildTaskExecution="true", MaxResults=100)
    (item,) = [each for each in items if each.get("LoopItem") == IDS[10]]
    assert item["Status"] == "Cancelled"
    assert item["StatusMessage"].startswith("OutcomeUnknown: ")
    assert item["StatusMessage"].endswith("(cancelled)")


def test_one_that_is_cancelled_from_outside_is_lost_and_its_execution_failed(stack: Stack) -> None:
    stack.simulator.fault("RebootInstance", "delay", seconds=1, times=None)
    execution_id = start(stack, looped({"Concurrency": 20}))
    until(lambda: len(stack.reboots()) >= 20, "the loop runs")

    async def cancel() -> None:
        client = await stack.temporal_client()
        await client.get_workflow_handle(f"{execution_id}.t0001").cancel()

    asyncio.run(cancel())
    record = stack.finish(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Failed", "LoopLost")
    assert "cancelled from outside" in record["StatusMessage"]
    assert len(stack.reboots()) < len(IDS)
