"""Rate control, read from the simulator's log of calls and not from what Caboose says of itself.

An item spans from its RebootInstance received to its last DescribeInstances answered. The loops of this module run at
the same time on machines of their own, because each has to wait for restarts that take their time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.e2e.ways import new_id
from tests.support.stack import TEMPLATE, Stack


@dataclass(frozen=True)
class Case:
    """A loop: its rate control, how many items, which of them fail, and what must be seen."""

    items: int
    control: dict[str, Any]
    overlap: int
    bad: tuple[int, ...] = ()
    status: str = "Success"
    reboots: int | None = None


CASES = {
    "one after another": Case(2, {"Concurrency": 1}, overlap=1),
    "a number": Case(6, {"Concurrency": 3}, overlap=3),
    "a number as text": Case(4, {"Concurrency": "2"}, overlap=2),
    "a percentage": Case(6, {"Concurrency": "50%"}, overlap=3),
    "a percentage, rounded down": Case(5, {"Concurrency": "50%"}, overlap=2),
    "a percentage below one item": Case(2, {"Concurrency": "1%"}, overlap=1),
    "all": Case(5, {"Concurrency": "100%"}, overlap=5),
    "more than there are": Case(3, {"Concurrency": 50}, overlap=3),
    "no error tolerated": Case(6, {"Concurrency": 1}, overlap=0, bad=(0,), status="Failed", reboots=1),
    "one error tolerated, one made": Case(3, {"Concurrency": 3, "MaxErrors": 1}, overlap=2, bad=(1,), reboots=3),
    "one tolerated, two made": Case(
        8, {"Concurrency": 1, "MaxErrors": 1}, overlap=0, bad=(0, 1), status="Failed", reboots=2
    ),
    "a percentage of errors tolerated": Case(
        4, {"Concurrency": "100%", "MaxErrors": "50%"}, overlap=2, bad=(0, 3), reboots=4
    ),
    "a percentage of errors, rounded down": Case(
        5, {"Concurrency": 1, "MaxErrors": "30%"}, overlap=0, bad=(0, 1), status="Failed", reboots=2
    ),
    "running items finish after the last error": Case(
        6, {"Concurrency": 3}, overlap=2, bad=(1,), status="Failed", reboots=3
    ),
}


@dataclass(frozen=True)
class Outcome:
    """A loop that has ended: its record, and the simulator's calls about its machines by id."""

    record: dict[str, Any]
    ids: list[str]
    bad: list[str]
    calls: dict[str, list[dict[str, Any]]]

    def reboots(self) -> list[dict[str, Any]]:
        """The RebootInstance calls, in order."""
        found = [call for calls in self.calls.values() for call in calls if call["action"] == "RebootInstance"]
        return sorted(found, key=lambda call: str(call["time"]))


@pytest.fixture(scope="module")
def outcomes(shared_stack: Stack) -> Iterator[dict[str, Outcome]]:
    """Every case, run to its end."""
    stack = shared_stack
    stack.simulator.reset(transition_seconds=1.0)
    names = {case: [f"i-{number}-{item}" for item in range(CASES[case].items)] for number, case in enumerate(CASES)}
    stack.simulator.put_instances([{"InstanceId": each} for ids in names.values() for each in ids])
    bad = {case: [names[case][index] for index in CASES[case].bad] for case in CASES}
    for each in [each for ids in bad.values() for each in ids]:
        stack.simulator.fault(
            "RebootInstance", "error", code="IncorrectInstanceStatus", http_status=403, instance_id=each
        )
    started = {}
    for case, ids in names.items():
        parameters = stack.parameters(ids, rateControl={"Mode": "Concurrency", **CASES[case].control})
        started[case] = stack.start(parameters)
    for execution_id in started.values():
        stack.wait_for_approval(execution_id)
        assert stack.notify(execution_id, "Approve").status_code == 200
    records = {case: stack.finish(execution_id) for case, execution_id in started.items()}
    calls = stack.simulator.calls()
    yield {
        case: Outcome(records[case], ids, bad[case], {each: _calls_about(calls, each) for each in ids})
        for case, ids in names.items()
    }


def _calls_about(calls: list[dict[str, Any]], instance_id: str) -> list[dict[str, Any]]:
    """The calls of one item: those before the approval name all machines of the execution and don't count."""
    exact = f'["{instance_id}"]'

    def is_poll(call: dict[str, Any]) -> bool:
        asked = str(call["parameters"].get("InstanceIds", ""))
        return call["action"] == "DescribeInstances" and asked.replace(" ", "") == exact

    return [
        call
        for call in calls
        if (call["action"] == "RebootInstance" and call["instance_id"] == instance_id) or is_poll(call)
    ]


def overlap(outcome: Outcome) -> int:
    """How many items that went well ran at the same time, at most."""
    moments: list[tuple[float, int]] = []
    for instance_id, calls in outcome.calls.items():
        reboots = [call for call in calls if call["action"] == "RebootInstance"]
        if reboots and instance_id not in outcome.bad:
            begin, end = _seconds(reboots[0]["time"]), max(_seconds(call["answered_at"]) for call in calls)
            moments += [(begin, 1), (end, -1)]
    running = most = 0
    for _, change in sorted(moments):
        running += change
        most = max(most, running)
    return most


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("name", list(CASES))
def test_as_many_run_at_once_as_the_rate_control_says(outcomes: dict[str, Outcome], name: str) -> None:
    outcome, case = outcomes[name], CASES[name]
    assert outcome.record["Status"] == case.status, outcome.record["StatusMessage"]
    assert overlap(outcome) == case.overlap
    loop = outcome.record["Tasks"][2]["Loop"]
    assert loop["Total"] == case.items
    assert loop["Running"] == 0
    assert loop["Failed"] == len(case.bad)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.bad])
def test_each_machine_is_restarted_once(outcomes: dict[str, Outcome], name: str) -> None:
    outcome = outcomes[name]
    assert sorted(call["instance_id"] for call in outcome.reboots()) == sorted(outcome.ids)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.bad])
def test_the_error_budget_is_exact(outcomes: dict[str, Outcome], name: str) -> None:
    outcome, case = outcomes[name], CASES[name]
    reboots = outcome.reboots()
    assert len(reboots) == case.reboots
    if case.status == "Failed":
        # items that run at the same time may be received in any order, but no item is taken after the last error
        assert sorted(call["instance_id"] for call in reboots) == outcome.ids[: case.reboots]
        if case.control["Concurrency"] == 1:
            last = max(call["answered_at"] for call in reboots if call["instance_id"] in outcome.bad)
            assert all(call["time"] <= last for call in reboots)
        assert outcome.record["StatusReason"] == "LoopFailed"
        assert all(each in outcome.record["StatusMessage"] for each in outcome.bad)
        assert "IncorrectInstanceStatus" in outcome.record["StatusMessage"]


def test_items_that_run_finish_when_the_budget_is_spent(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["running items finish after the last error"]
    loop = outcome.record["Tasks"][2]["Loop"]
    assert (loop["Failed"], loop["Success"]) == (1, 2)
    assert "3 never started" in outcome.record["StatusMessage"]
    for instance_id in (outcome.ids[0], outcome.ids[2]):
        assert outcome.calls[instance_id][-1]["action"] == "DescribeInstances"
    assert not outcome.calls[outcome.ids[5]]


def test_items_are_listed_by_page_with_their_states(stack: Stack, outcomes: dict[str, Outcome]) -> None:
    record = outcomes["one error tolerated, one made"].record
    loop = record["Tasks"][2]["TaskExecutionId"]
    items = stack.tasks(record["ExecutionId"], ParentTaskExecutionId=loop)
    assert [(each["LoopItem"], each["Status"]) for each in items] == [
        (instance_id, "Failed" if index == 1 else "Success")
        for index, instance_id in enumerate(outcomes["one error tolerated, one made"].ids)
    ]


@pytest.mark.parametrize("count", [300, pytest.param(1_000, marks=pytest.mark.soak)])
def test_many_instances(stack: Stack, server: Server, count: int) -> None:
    stack.simulator.put_instances(count)
    parameters = {**stack.parameters([]), "targets": {"Type": "All"}}
    execution_id = server.start(new_id(), {"TemplateName": TEMPLATE, "Parameters": parameters})
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    # asking for the record all the time would cost more than the work
    server.run(server.client.get_workflow_handle(execution_id).result(), seconds=250)
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Tasks"][2]["Loop"] == {
        "Total": count, "Success": count, "Failed": 0, "Skipped": 0, "Running": 0, "Waiting": 0,
        "NotStarted": 0, "Cancelled": 0, "Concurrency": count, "MaxErrors": 0, "Batch": 1, "Batches": 1,
    }  # fmt: skip
    assert {instance["Reboots"] for instance in stack.simulator.instances()} == {1}
    assert len(stack.reboots()) == count
    events = server.describe(execution_id).history_length
    assert events < 40 * count, "a thousand are within reach of the server's wall of 51,200 events"
