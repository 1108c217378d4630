"""Cancelling: whatever an execution is doing just then, it ends as Cancelled and leaves nothing behind."""

import asyncio
from typing import Any

import pytest

from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.engine.state import Wait
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, choose, fails, inner_loop, nested
from tests.oos.templates import task, template

ASK = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
X = {"Outputs": {"x": {"ValueSelector": "X"}}}
COLLECTING = {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}
TEMPLATES: dict[str, list[dict[str, Any]]] = {
    "flow": [act("a", OnError="c"), act("b"), act("c"), choose("pick", "ACS::END", (True, "d")), act("d", When=True)],
    "waits": [
        ASK,
        {"Name": "rest", "Action": "ACS::Sleep", "Properties": {"Duration": "1H"}},
        {"Name": "hold", "Action": "ACS::Pause"},
        act("unknown"),
    ],
    "reads": [
        task(Name="select", Action="ACS::SelectTargets", Outputs=None)
        | {"Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{"Type": "All"}]}},
        {
            "Name": "poll",
            "Action": "ACS::WaitFor",
            "Properties": {"Service": "ECS", "API": "DescribeX", "PropertySelector": "X", "DesiredValues": [1]},
        },
    ],
    "loop": [
        act("x", {"Id": ITEM}, Loop={"Items": [1, 2, 3, 4, 5], "RateControl": {"Concurrency": 2, "MaxErrors": 1}}, **X),
        act("after"),
    ],
    "batches": [
        act(
            "x",
            {"Id": ITEM},
            Loop={
                "Items": [1, 2, 3],
                "RateControl": {"Mode": "Batch", "Batch": [2], "BatchPauseOption": "EveryBatchPause", "MaxErrors": 3},
                "Outputs": COLLECTING,
            },
            **X,
        )
    ],
    "nested": [
        nested("n", act("b"), nested("m", ASK, act("unknown", {"V": "{{ v }}"}), given={"v": 1}, Parameters_={"v": {}}))
    ],
    "inner": [inner_loop("each", [1, 2, 3], act("y", {"Id": ITEM}), ASK, act("b"), control={"Concurrency": 2})],
}
SCRIPT: dict[str, Any] = {
    "Modify-unknown": OutcomeUnknown("the connection was lost"),
    "Modify-x": lambda call: TaskFailed("Bad", "no") if call.parameters["Id"] == 2 else {"X": 1},
    **fails("a"),
}
PREFERRED = ("ExecuteTask", "Approve", "SkipTask")


def text(name: str) -> str:
    """A template whose outputs are made of what there is."""
    outputs = {"now": {"Value": "{{ ACS::ExecutionId }}"}, "sum": {"Type": "Number", "Value": {"Fn::Sum": [1, 2]}}}
    return template(TEMPLATES[name], Outputs=outputs)


class Slow(Recording):
    """Effects that leave a moment wherever the engine may be interrupted."""

    async def breathe(self) -> None:
        """A moment."""
        await asyncio.sleep(0)

    async def turn(self) -> None:
        """Another one."""
        await asyncio.sleep(0)


async def _people(going: Execution) -> None:
    """They agree to everything."""

    def open_waits() -> list[Wait]:
        return [wait for wait in going.state.waits.values() if wait.answer is None]

    while True:
        await going.effects.wait_until(lambda: bool(open_waits()))
        wait = open_waits()[0]
        kind = next(each for each in PREFERRED if each in wait.accepts)
        outcome = going.decide(kind, TaskExecutionId=wait.run.id, Attempt=wait.attempt)
        assert outcome.accepted, outcome.message


async def cancelled_after(name: str, mode: str, moments: int, *, twice: bool = False) -> Execution | None:
    """An execution that is cancelled after so many rounds of the event loop; None when it had ended by then."""
    before = asyncio.all_tasks()
    going = Execution(text(name), Slow(SCRIPT), fields={"Mode": mode}).start()
    people = asyncio.create_task(_people(going))
    assert going.task
    while not going.state.started:  # noqa: ASYNC110 - the number of rounds is what is tested
        await asyncio.sleep(0)
    for _ in range(moments):
        await asyncio.sleep(0)
    in_time = not going.task.done()
    for _ in range(1 + twice):
        going.task.cancel()
        await asyncio.sleep(0)
    if people.done():
        people.result()  # shows what they were refused
    people.cancel()
    await asyncio.wait([going.task, people])
    assert asyncio.all_tasks() == before, "nothing is left running"
    return going if in_time else None


def assert_consistent(going: Execution) -> None:
    """Nothing runs or waits any more, and the numbers add up."""
    state = going.state
    assert (state.status, state.reason, state.message) == ("Cancelled", "Cancelled", "cancelled")
    assert state.waits == {}
    assert all(run.ended for run in state.runs.values())
    assert not any(run.status in ("Running", "Waiting") for run in state.runs.values())
    assert all(approval.cancelled == (approval.wait.answer is None) for approval in state.approvals)
    for run in state.runs.values():
        if run.loop:
            items = [each for each in state.runs.values() if each.parent_id == run.id and each.has_item]
            loop = run.loop
            assert loop.running == 0
            assert loop.success + loop.failed + loop.skipped + loop.cancelled + loop.not_started == loop.total
            for status in ("Success", "Failed", "Skipped", "Cancelled"):
                assert getattr(loop, status.lower()) == sum(each.status == status for each in items), status
    unknown = sum(run.unknown for run in state.runs.values())
    assert bool(state.notes) == bool(unknown)
    record = going.record()
    assert (record["Status"], record["CurrentTasks"], record["Waiting"]) == ("Cancelled", [], [])


@pytest.mark.parametrize("mode", ["Automatic", "FailurePause", "Debug"])
@pytest.mark.parametrize("name", TEMPLATES)
async def test_at_every_moment(name: str, mode: str) -> None:
    moments = 0
    while (going := await cancelled_after(name, mode, moments)) is not None:
        assert_consistent(going)
        assert going.state.outputs == {"now": "exec-test", "sum": 3}
        moments += 1
    assert moments > 8


@pytest.mark.parametrize("name", TEMPLATES)
async def test_cancelled_twice_at_every_third_moment(name: str) -> None:
    moments = 0
    while (going := await cancelled_after(name, "FailurePause", moments, twice=True)) is not None:
        assert_consistent(going)
        moments += 3


async def test_a_call_whose_outcome_is_unknown_is_noted() -> None:
    going = Execution(template([act("unknown")]), Recording(SCRIPT)).start()
    await going.asks("OutcomeUnknown")
    await going.cancel()
    assert going.state.notes == ["calls that may or may not have been carried out: 1; see the task executions"]
    assert going.run_of("unknown").unknown


async def test_so_is_one_whose_task_alone_was_cancelled() -> None:
    text = template([act("unknown", OnCancel="b"), act("a"), act("b")])
    going = Execution(text, Recording(SCRIPT), fields={"Mode": "Debug"}).start()
    await going.answer("Debug", "ExecuteTask")
    await going.answer("OutcomeUnknown", "CancelTask")
    await going.answer("Debug", "ExecuteTask")
    await going.end()
    assert going.state.status == "Success"
    assert going.state.notes == ["calls that may or may not have been carried out: 1; see the task executions"]


async def test_outputs_need_no_programs_when_it_was_cancelled() -> None:
    outputs = {"made": {"Value": {"Fn::Jq": ["First", ".a|tostring", {"a": 1}]}}, "plain": {"Value": "{{ a.x }}"}}
    going = Execution(
        template([act("a", **X), {"Name": "hold", "Action": "ACS::Pause"}], Outputs=outputs),
        Recording({"Modify-a": {"X": 5}}),
    ).start()
    await going.asks("Pause")
    await going.cancel()
    assert going.state.outputs == {"made": None, "plain": 5}
    assert "before it was made" in going.state.notes[0]
