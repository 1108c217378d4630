"""A template's programs: they run beside the worker, are stopped when they don't end, and replay as they went."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import until
from tests.support.replay import replayer
from tests.support.stack import Stack

LOOK: dict[str, Any] = {
    "Name": "look",
    "Action": "ACS::ExecuteAPI",
    "Properties": {"Service": "ECS", "API": "DescribeInstances"},
    "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
}


def template(tasks: list[Any], outputs: dict[str, Any], **parameters: Any) -> str:
    declared = {
        name: {"Type": "String" if isinstance(value, str) else "Json", "Default": value}
        for name, value in parameters.items()
    }
    document = {"FormatVersion": "OOS-2019-06-01", "Parameters": declared, "Tasks": tasks, "Outputs": outputs}
    return json.dumps(document)


def over_jq(program: str, value: Any = None) -> str:
    return template([LOOK], {"o": {"Value": {"Fn::Jq": ["First", program, value]}}})


async def replays(stack: Stack, execution_id: str) -> bool:
    client = await stack.temporal_client()
    history = await client.get_workflow_handle(execution_id).fetch_history()
    result = await replayer(stack.store).replay_workflow(history)
    return result.replay_failure is None


async def test_programs_select_and_reshape_on_the_way_to_the_restart(stack: Stack) -> None:
    stack.simulator.put_instances(4)
    look = {
        **LOOK,
        "Outputs": {
            "running": {
                "Type": "List",
                "ValueSelector": '.Instances.Instance[] | select(.Status == "{{ status }}") | {id: .InstanceId}',
            },
            "count": {"Type": "Number", "ValueSelector": "Instances.Instance|length"},
            "named": {"Type": "List", "ValueSelector": {"Fn::Sub": ["Instances.Instance[?${what}].InstanceName", {
                "what": "InstanceId=='i-sim00002'"}]}},
            "left": {"Type": "List", "ValueSelector": "[.Instances.Instance[].InstanceId] - {{ spared }} | .[]"},
        },
    }  # fmt: skip
    restart = {
        "Name": "restart",
        "Action": "ACS::ECS::RebootInstance",
        "Properties": {"instanceId": {"Fn::Select": ["id", "{{ ACS::TaskLoopItem }}"]}},
        "Loop": {"Items": {"Fn::Jq": ["All", '.[] | select(.id | test("(?!.*3$)"))', "{{ look.running }}"]}},
    }
    outputs = {name: {"Type": "Json", "Value": "{{ look." + name + " }}"} for name in ("count", "named", "left")}
    outputs["direct"] = {"Type": "List", "Value": "{{ look.Instances.Instance[]?.InstanceId }}"}
    text = template([look, restart], outputs, spared=["i-sim00001"], status="Running")
    execution_id = stack.start(TemplateContent=text)
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Outputs"] == {
        "count": 4,
        "named": ["web-00002"],
        "left": ["i-sim00002", "i-sim00003", "i-sim00004"],
        "direct": ["i-sim00001", "i-sim00002", "i-sim00003", "i-sim00004"],
    }
    assert [call["instance_id"] for call in stack.reboots()] == ["i-sim00001", "i-sim00002", "i-sim00003", "i-sim00004"]
    assert await replays(stack, execution_id)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("def f: f; f", "did not end"),
        ("last(range(1e12))", "did not end"),
        ("reduce range(300000) as $i (null; [.])", ""),
        ("(.,.)" + "|(.,.)" * 39, ""),
        ("error(\"no luck\")", "no luck"),
    ],
)  # fmt: skip
async def test_a_program_that_goes_wrong_fails_its_own_output_only(stack: Stack, program: str, words: str) -> None:
    """The output is null and says why; an execution that waits beside it, and the worker, don't notice."""
    stack.simulator.put_instances(1)
    beside = stack.start(stack.parameters(["i-sim00001"]))
    stack.wait_for_approval(beside)
    pid = stack.worker.running.pid
    execution_id = stack.start(TemplateContent=over_jq(program))
    record = stack.finish(execution_id)
    assert record["Outputs"] == {"o": None}
    (note,) = [note for note in record["Notes"] if "the output o was left out" in note]
    assert words in note
    stack.notify(beside, "Approve")
    assert stack.finish(beside)["Status"] == "Success"
    assert stack.worker.running.pid == pid
    assert stack.worker.running.poll() is None
    assert await replays(stack, execution_id)


async def test_whoever_looks_while_a_program_runs_changes_nothing(stack: Stack) -> None:
    """A query may come with any workflow task; what the task does then can be replayed all the same."""
    stack.simulator.put_instances(1)
    started = [stack.start(TemplateContent=over_jq("1 + 1")) for _ in range(12)]
    until(lambda: all(stack.get(each)["Status"] == "Success" for each in started), "all of them have ended")
    assert all([await replays(stack, each) for each in started])


@pytest.mark.parametrize("program", ["env", "$ENV.HOME", "input", 'import "x" as $x; 1', "now", "halt"])
def test_a_program_that_reaches_outside_is_refused_before_anything_starts(stack: Stack, program: str) -> None:
    answer = stack.http.post("/executions", json={"TemplateContent": over_jq(program)})
    assert answer.status_code == 400
    assert [each["Id"] for each in answer.json()["Problems"]] == ["ForbiddenWord"]


@pytest.mark.parametrize("program", ["env", "$ENV", "now"])
def test_a_program_that_reaches_outside_is_refused_when_a_parameter_brings_it(stack: Stack, program: str) -> None:
    text = template([LOOK], {"o": {"Value": {"Fn::Jq": ["All", "{{ program }}", 1]}}}, program={})
    execution_id = stack.start(
        {"program": program}, TemplateContent=text.replace('"Json"', '"String"').replace("{}", '""')
    )
    record = stack.finish(execution_id)
    assert record["Outputs"] == {"o": None}
    assert any(program.strip("$") in note for note in record["Notes"])


def test_a_selector_that_does_not_fit_fails_its_task(stack: Stack) -> None:
    look = {**LOOK, "Outputs": {"x": {"ValueSelector": ".Instances.Instance[] | tonumber"}}}
    stack.simulator.put_instances(1)
    record = stack.finish(stack.start(TemplateContent=template([look], {})))
    assert record["Status"] == "Failed"
    assert "Outputs.x" in record["StatusMessage"]
    assert "tonumber" in record["StatusMessage"]


async def test_values_that_take_long_to_make_do_not_look_like_a_worker_that_is_stuck(stack: Stack) -> None:
    """Each output takes some tenths of a second; together they take far longer than a workflow task may."""
    pairs = [[number] for number in range(15_000)]
    heavy = {"Fn::Last": {"Fn::Difference": ["{{ pairs }}"] * 4}}
    outputs = {f"o{number}": {"Type": "Json", "Value": heavy} for number in range(10)}
    text = template([LOOK], outputs, pairs=[])
    execution_id = stack.start({"pairs": pairs}, TemplateContent=text)
    record = stack.finish(execution_id, seconds=120)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Outputs"] == dict.fromkeys(outputs)
    client = await stack.temporal_client()
    history = await client.get_workflow_handle(execution_id).fetch_history()
    assert not [event for event in history.events if event.HasField("workflow_task_failed_event_attributes")]


@pytest.mark.parametrize(
    ("count", "loop"),
    [(10, {}), (1, {"Loop": {"Items": [f"i-sim0000{n}" for n in range(1, 9)], "RateControl": {"Concurrency": 8}}})],
    ids=["one after another", "at once"],
)
def test_large_results_of_programs_do_not_travel_together(stack: Stack, count: int, loop: dict[str, Any]) -> None:
    """What one workflow task brings has 4 MB at most; the server terminates an execution that sends more."""
    stack.simulator.put_instances(8)
    reboot = {
        "Name": "reboot",
        "Action": "ACS::ECS::RebootInstance",
        "Properties": {"instanceId": "{{ ACS::TaskLoopItem }}" if loop else "i-sim00001"},
        "Outputs": {f"o{n}": {"ValueSelector": f'"{n}" + ("x" * 900000)'} for n in range(count)},
        **loop,
    }
    record = stack.finish(stack.start(TemplateContent=template([reboot], {"o": {"Value": 1}})))
    assert (record["Status"], record["Outputs"]) == ("Success", {"o": 1})


def test_children_that_are_killed_are_replaced(stack: Stack) -> None:
    text = over_jq(".a | length", {"a": [1, 2]})
    assert stack.finish(stack.start(TemplateContent=text))["Outputs"] == {"o": 2}
    children = children_of(stack.worker.running.pid)
    assert children
    for child in children:
        os.kill(child, signal.SIGKILL)
    assert stack.finish(stack.start(TemplateContent=text))["Outputs"] == {"o": 2}
    until(lambda: not set(children) & set(children_of(stack.worker.running.pid)), "the killed children are gone")


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text().rpartition(")")[2].split()[1]
        except OSError:  # it has ended meanwhile
            continue
        if int(parent) == pid:
            found.append(int(path.parent.name))
    return found
