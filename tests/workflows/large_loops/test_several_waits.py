"""Several waits of one task execution of a large loop, one after another: each of them is told what was decided."""

from typing import Any

from tests.support.processes import until
from tests.support.stack import Stack
from tests.workflows.large_loops.loops import IDS, histories, looped, replay, restarted, start

REFUSED = {"code": "IncorrectInstanceStatus", "http_status": 403}


def waits_as(stack: Stack, execution_id: str, kind: str) -> dict[str, Any]:
    """The only wait, when it is of this kind."""
    found: list[dict[str, Any]] = []

    def there() -> bool:
        found[:] = stack.get(execution_id)["Waiting"]
        return [each["Kind"] for each in found] == [kind]

    until(there, f"it waits as {kind}")
    return found[0]


def decide(stack: Stack, execution_id: str, wait: dict[str, Any], kind: str) -> None:
    answer = stack.notify(execution_id, kind, TaskExecutionId=wait["TaskExecutionId"], Attempt=wait["Attempt"])
    assert answer.status_code == 200, answer.text


def test_each_wait_of_one_task_execution_is_told_what_was_decided_about_it(stack: Stack) -> None:
    """A pause of the loop and one after its failures; an item's lost call, and another one when it runs again."""
    item = IDS[10]
    stack.simulator.fault("RebootInstance", "drop_before", instance_id=item)
    stack.simulator.fault("RebootInstance", "error", instance_id=item, **REFUSED)
    stack.simulator.fault("RebootInstance", "drop_before", instance_id=item)
    control = {"Mode": "Batch", "Batch": [2, "100%"], "BatchPauseOption": "FirstBatchPause"}
    execution_id = start(stack, looped(control), Mode="FailurePause")
    pause = waits_as(stack, execution_id, "BatchPause")
    decide(stack, execution_id, pause, "Approve")
    first = waits_as(stack, execution_id, "OutcomeUnknown")
    decide(stack, execution_id, first, "RetryTask")
    failure = waits_as(stack, execution_id, "FailurePause")
    decide(stack, execution_id, failure, "RetryTask")
    second = waits_as(stack, execution_id, "OutcomeUnknown")
    decide(stack, execution_id, second, "RetryTask")
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    same = [[each[name] for name in ("TaskExecutionId", "Attempt")] for each in (pause, failure)]
    assert same[0] == same[1], "nothing but their time tells them apart"
    assert (first["Attempt"], second["Attempt"]) == (1, 2), "a late answer to the first is none to the second"
    assert sorted(restarted(stack)) == sorted([*IDS, item, item, item])
    replay(stack, histories(stack, execution_id))
