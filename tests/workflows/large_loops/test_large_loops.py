"""Large loops with a real server that wants short histories (design section 2, "Loops")."""

import time
from typing import Any

from tests.support.processes import until
from tests.support.stack import Stack
from tests.workflows.large_loops.conftest import SUGGESTED_EVENTS
from tests.workflows.large_loops.loops import IDS, ITEMS, histories, looped, replay, restarted, start


def counters(record: dict[str, Any]) -> dict[str, int]:
    loop = record["Tasks"][0]["Loop"]
    return {name: loop[name] for name in ("Success", "Failed", "Skipped", "Cancelled", "NotStarted")}


def test_every_item_once_over_several_runs_and_the_outputs_in_order(stack: Stack) -> None:
    for bad in ("i-0003", "i-0250"):
        stack.simulator.fault(
            "RebootInstance", "error", code="IncorrectInstanceStatus", http_status=403, instance_id=bad
        )
    execution_id = start(stack, looped({"Concurrency": 25, "MaxErrors": 2}))
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    calls = {call["instance_id"]: call for call in stack.reboots()}
    assert sorted(call["instance_id"] for call in stack.reboots()) == IDS, "each once"
    requests = record["Outputs"]["requests"]
    failed = [index for index, each in enumerate(requests) if each is None]
    assert failed == [3, 250]
    assert len(set(requests)) == ITEMS - 1
    assert calls
    assert counters(record) == {"Success": 398, "Failed": 2, "Skipped": 0, "Cancelled": 0, "NotStarted": 0}

    kept = histories(stack, execution_id)
    runs = [history for history in kept if history.workflow_id.endswith(".t0001")]
    assert len(runs) > 2, "it went on as new"
    assert all(len(history.events) < SUGGESTED_EVENTS + 25 * 6 + 50 for history in runs)
    assert len(kept) == len(runs) + 1
    assert all(len(history.events) < 120 for history in kept if history not in runs), "the execution's stays short"
    replay(stack, kept)


def test_its_task_executions_are_listed_by_page_while_it_runs_and_afterwards(stack: Stack) -> None:
    stack.simulator.fault("RebootInstance", "delay", seconds=0.05, times=None)
    execution_id = start(stack, looped({"Concurrency": 20}))
    until(lambda: len(stack.reboots()) > ITEMS // 2, "half of it is done")
    record = stack.get(execution_id)
    loop = record["Tasks"][0]["Loop"]
    sent = len(stack.reboots())
    assert loop["Total"] == ITEMS
    assert sent >= loop["Success"] > sent - 150, "the counters are those of the moment, not of the last report"

    stack.finish(execution_id)
    listed: list[str] = []
    token = ""
    while True:
        query: dict[str, str | int] = {
            "ParentTaskExecutionId": f"{execution_id}.t0001",
            "MaxResults": 100,
            "NextToken": token,
        }
        answer = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
        listed += [each["LoopItem"] for each in answer["TaskExecutions"]]
        token = answer["NextToken"]
        if not token:
            break
    assert listed == IDS


def test_what_waits_in_it_is_decided_at_the_execution(stack: Stack) -> None:
    for lost in ("i-0010", "i-0150"):
        stack.simulator.fault("RebootInstance", "drop_before", instance_id=lost)
    execution_id = start(stack, looped({"Concurrency": 10}))
    until(lambda: len(stack.get(execution_id)["Waiting"]) == 2, "both of them wait")
    record = stack.get(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Waiting", "OutcomeUnknown")
    assert {wait["LoopItem"] for wait in record["Waiting"]} == {"i-0010", "i-0150"}
    assert all(wait["Accepts"] == ["RetryTask", "SkipTask"] for wait in record["Waiting"])

    refused = stack.notify(execution_id, "Approve", LoopItem="i-0010")
    assert (refused.status_code, refused.json()["Code"]) == (409, "NotWaiting")
    assert stack.notify(execution_id, "RetryTask", LoopItem="i-0010").status_code == 200
    assert stack.notify(execution_id, "SkipTask", LoopItem="i-0150").status_code == 200
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert counters(record) == {"Success": ITEMS - 1, "Failed": 0, "Skipped": 1, "Cancelled": 0, "NotStarted": 0}
    again = [call for call in stack.reboots() if call["instance_id"] == "i-0010"]
    assert len(again) == 2, "sent again because somebody said so"
    replay(stack, histories(stack, execution_id))


def test_a_cancelled_one_lets_its_calls_answer_and_says_how_far_it_came(stack: Stack) -> None:
    stack.simulator.fault("RebootInstance", "delay", seconds=1.5, times=None)
    execution_id = start(stack, looped({"Concurrency": 40}))
    until(lambda: len(stack.reboots()) >= 60, "the second round runs")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "a mistake"}).status_code == 200
    time.sleep(0.5)
    sent = len(stack.reboots())
    record = stack.finish(execution_id)
    assert record["Status"] == "Cancelled"
    assert "a mistake" in record["StatusMessage"]
    assert len(stack.reboots()) == sent, "nothing began after the cancellation"
    numbers = counters(record)
    assert sum(numbers.values()) == ITEMS
    assert numbers["Success"] + numbers["Cancelled"] == sent
    replay(stack, histories(stack, execution_id))


def test_failure_pause_runs_the_failed_items_again_and_then_the_rest(stack: Stack) -> None:
    error = {"code": "IncorrectInstanceStatus", "http_status": 403}
    stack.simulator.fault("RebootInstance", "error", instance_id="i-0200", **error)
    execution_id = start(stack, looped({"Concurrency": 5}), Mode="FailurePause")
    record = stack.wait_for_status(execution_id, "Waiting")
    assert record["Waiting"][0]["Kind"] == "FailurePause"
    assert stack.notify(execution_id, "RetryTask").status_code == 200
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    twice = [each for each in IDS if restarted(stack).count(each) > 1]
    assert twice == ["i-0200"], "the failed one alone"
    assert set(restarted(stack)) == set(IDS)


def test_batches_pause_between_runs(stack: Stack) -> None:
    control = {"Mode": "Batch", "Batch": [1, 150, "50%"], "BatchPauseOption": "EveryBatchPause"}
    execution_id = start(stack, looped(control))
    for finished in (1, 151, 351):
        record = stack.wait_for_status(execution_id, "Waiting")
        until(lambda number=finished: len(stack.reboots()) == number, "the batch is done")  # type: ignore[misc]
        assert record["Waiting"][0]["Kind"] == "BatchPause"
        assert (
            stack.notify(
                execution_id,
                "Approve",
                TaskExecutionId=f"{execution_id}.t0001",
                Attempt=record["Waiting"][0]["Attempt"],
            ).status_code
            == 200
        )
        until(lambda: stack.get(execution_id)["Status"] != "Waiting", "it goes on")
    assert stack.finish(execution_id)["Status"] == "Success"
    assert restarted(stack)[0] == "i-0000"


def test_a_failed_one_is_retried_by_another_execution_with_what_is_left(stack: Stack) -> None:
    said = {"code": "IncorrectInstanceStatus", "http_status": 403}
    stack.simulator.fault("RebootInstance", "error", instance_id="i-0150", **said)
    old = stack.finish(start(stack, looped({"Concurrency": 5})))
    assert (old["Status"], old["Retry"]["Items"]["Failed"]) == ("Failed", 1)
    answer = stack.http.post(f"/executions/{old['ExecutionId']}/retry").json()
    record = stack.finish(answer["Execution"]["ExecutionId"])
    assert record["Status"] == "Success", record["StatusMessage"]
    assert [each for each in IDS if restarted(stack).count(each) != 1] == ["i-0150"]
    assert len(set(record["Outputs"]["requests"]) - {None}) == ITEMS
    assert counters(record) == {"Success": ITEMS, "Failed": 0, "Skipped": 0, "Cancelled": 0, "NotStarted": 0}
    replay(stack, histories(stack, record["ExecutionId"]))


def test_of_one_that_was_lost_nobody_knows_what_is_left(stack: Stack) -> None:
    stack.simulator.fault("RebootInstance", "delay", seconds=0.05, times=None)
    execution_id = start(stack, looped({"Concurrency": 5}))
    until(lambda: len(stack.reboots()) >= 20, "it runs")
    stack.temporal_cli("workflow", "terminate", "--workflow-id", f"{execution_id}.t0001", "--reason", "a mistake")
    record = stack.finish(execution_id)
    assert (record["StatusReason"], record["Retry"]["Code"]) == ("LoopLost", "CallsInDoubt")
    answer = stack.http.post(f"/executions/{execution_id}/retry")
    assert (answer.status_code, answer.json()["Code"]) == (409, "CallsInDoubt")
    assert f"{execution_id}.t0001" in answer.json()["Message"]
