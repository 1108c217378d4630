"""What task executions keep of what was called for them, and of what they waited for."""

import asyncio
import json
from typing import Any

import pytest

from caboose.engine.effects import Answered, Call
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.engine.record import StoredTasks, nothing_hidden
from caboose.oos.library import Library, Source
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

LOOK = task(Outputs=None)
ONE = Library([Source("ACS::ECS::One", template([LOOK], Parameters={"id": {}}))])


def calling(*loops: list[str], action: str = "ACS::ECS::One") -> dict[str, Any]:
    """A task with a product action, in a loop where items are given."""
    fields: dict[str, Any] = {"Name": "each", "Action": action, "Properties": {"id": "x"}}
    return {**fields, "Loop": {"Items": loops[0]}} if loops else fields


def calls(execution: Execution) -> dict[str, list[str]]:
    """The outcomes of the calls that each task execution keeps."""
    found = {id: [call["Outcome"] for call in run.calls] for id, run in execution.state.runs.items()}
    return {id.removeprefix("exec-test."): outcomes for id, outcomes in found.items()}


async def test_a_task_keeps_what_its_inner_tasks_called() -> None:
    done = await run(template([calling()]), library=ONE)
    assert calls(done) == {"t0001": ["Answered"], "t0001.t0001": ["Answered"]}


async def test_an_item_keeps_them_and_its_loop_has_none() -> None:
    script = {"DescribeInstances": [{}, TaskFailed("Forbidden", "no", "R-1")]}
    done = await run(template([calling(["a", "b"])]), script, library=ONE)
    assert calls(done) == {
        "t0001": [],
        "t0001.i0001": ["Answered"],
        "t0001.i0001.t0001": ["Answered"],
        "t0001.i0002": ["Forbidden"],
        "t0001.i0002.t0001": ["Forbidden"],
    }
    stored = StoredTasks().changed(done.state, nothing_hidden)
    kept = {each["TaskExecutionId"].removeprefix("exec-test."): each["Calls"] for each in stored}
    assert list(kept) == ["t0001", "t0001.i0001", "t0001.i0002", "t0001.i0002.t0001"]
    assert [call["RequestId"] for call in kept["t0001.i0002"]] == ["R-1"]
    assert [call["API"] for call in kept["t0001.i0001"]] == ["DescribeInstances"]


async def test_so_do_the_items_of_a_loop_within_a_nested_template() -> None:
    inner = json.loads(template([calling(["a", "b"]), {**LOOK, "Name": "after"}], Parameters={"id": {}}))
    library = Library([Source("ACS::ECS::One", template([LOOK], Parameters={"id": {}})), *_all(inner)])
    done = await run(template([calling(action="ACS::ECS::All")]), library=library)
    assert calls(done) == {
        "t0001": ["Answered"],
        "t0001.t0001": [],
        "t0001.t0001.i0001": ["Answered"],
        "t0001.t0001.i0001.t0001": ["Answered"],
        "t0001.t0001.i0002": ["Answered"],
        "t0001.t0001.i0002.t0001": ["Answered"],
        "t0001.t0002": ["Answered"],
    }


def _all(inner: dict[str, Any]) -> list[Source]:
    return [Source("ACS::ECS::All", json.dumps(inner))]


async def test_what_a_task_waited_for_stays_when_it_was_decided() -> None:
    call = {"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": "i-1"}}
    script = {"RebootInstance": [OutcomeUnknown("lost"), OutcomeUnknown("lost again"), {}], "DescribeInstances": {}}
    execution = Execution(template([task(Properties=call, Outputs=None)]), Recording(script)).start()
    for notify_type in ("RetryTask", "SkipTask"):
        await execution.answer("OutcomeUnknown", notify_type)
    await execution.end()
    waits = execution.record()["Tasks"][0]["Waits"]
    assert [(wait["Kind"], bool(wait["Since"]), bool(wait["Until"])) for wait in waits] == [
        ("OutcomeUnknown", True, True)
    ] * 2
    assert "lost again" in waits[1]["Message"]
    assert calls(execution)["t0001"].count("Unknown") == 2


async def test_a_call_of_many_machines_has_a_short_summary() -> None:
    ids = [f"i-{number:020d}" for number in range(20_000)]
    api = {"Service": "ECS", "API": "StopInstances", "Parameters": {"InstanceIds": "{{ ids }}"}}
    stop = {"Name": "stop", "Action": "ACS::ExecuteAPI", "Properties": api}
    done = await run(template([stop], Parameters={"ids": {"Type": "List"}}), parameters={"ids": ids})
    (call,) = done.run_of("stop").calls
    assert call["Summary"].startswith(f"stop StopInstances {ids[0]} {ids[1]} ")
    assert call["Summary"].endswith("…")
    assert len(call["Summary"]) < 250
    assert done.effects.calls[0].parameters == {"InstanceIds": ids}


@pytest.mark.parametrize(("api", "outcome"), [("RebootInstance", "NotCarriedOut"), ("DescribeInstances", "InFlight")])
async def test_a_cancellation_ends_a_call_that_was_not_sent(api: str, outcome: str) -> None:
    """Of one that changes something it awaits the answer (``Effects.call``), so nothing is in flight any more."""

    class Throttled(Recording):
        async def call(self, call: Call) -> Answered:
            self.calls.append(call)
            return await asyncio.Future()  # a pause, after the cloud refused to take it

    properties = {"Service": "ECS", "API": api, "Parameters": {"InstanceId": "i-1"}}
    execution = Execution(template([task(Properties=properties, Outputs=None)]), Throttled()).start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert execution.effects.calls
    await execution.cancel()
    assert calls(execution) == {"t0001": [outcome]}
