"""A release with a bug in the engine: executions stop where they meet it, visibly, and go on with the next release.

The broken release is a copy of this checkout with one more line in it. Executions that have begun under it must neither
fail nor lose anything, and what they have done must not be done again: here in an execution, and in a large loop of it,
which is a workflow of its own.
"""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.durability.work import RESTART
from tests.support.processes import CHECKOUT, Worker, until
from tests.support.stack import Stack, running_stack

BUG = "a bug of this release"
_SOURCES = ("activities", "api", "caboose", "library", "workflows")
_BROKEN = {
    "caboose/engine/actions/sleep.py": ("    wanted = _seconds(context, properties)\n", "if True"),
    "caboose/engine/record/execution.py": ("    runs = list(state.top_runs())\n", "if state.waits"),
    "workflows/pace.py": ("        if self._calls:\n            size, turn", "if self._items"),
}
"""Files, the line before which each gets one more, and when that raises: in the work, and in what runs beside it."""
_TEMPORAL = {
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    "history.defaultWorkflowTaskTimeout": '"2s"',
    "history.workflowTaskRetryMaxInterval": '"1s"',
}
"""A server that says so after the second failure instead of the fifth, and tries again soon: workers answer only the
first failure, and let the others time out."""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A checkout of ours in which ``ACS::Sleep`` has a bug, the record of whatever waits for people, and the pace of
    loops with many items at once."""
    checkout = tmp_path / "broken"
    for name in _SOURCES:
        shutil.copytree(CHECKOUT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "worker.py", checkout)
    for name, (line, condition) in _BROKEN.items():
        good = (checkout / name).read_text()
        assert line in good
        indent = line[: len(line) - len(line.lstrip())]
        bug = f'{indent}{condition}:\n{indent}    raise RuntimeError("{BUG}")\n'
        (checkout / name).write_text(good.replace(line, bug + line, 1))
    return checkout


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own: its worker is replaced."""
    with running_stack(tmp_path / "stack", _TEMPORAL) as stack:
        stack.simulator.reset(transition_seconds=0)
        yield stack


def _restart(machine: str) -> dict[str, Any]:
    return {"Service": "ECS", "API": RESTART, "Parameters": {"InstanceId": machine}}


def _steps(name: str, machine: str) -> list[dict[str, Any]]:
    """Restarts a machine and rests."""
    return [
        {"Name": name, "Action": "ACS::ExecuteAPI", "Properties": _restart(machine)},
        {"Name": f"{name}Rest", "Action": "ACS::Sleep", "Properties": {"Duration": "1s"}},
    ]


def _template(tasks: list[dict[str, Any]], **parameters: Any) -> str:
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Parameters": parameters, "Tasks": tasks})


PLAIN = _template([*_steps("first", "i-first"), *_steps("last", "i-last")])
WAITING = _template(
    [*_steps("early", "i-early")[:1], {"Name": "ask", "Action": "ACS::Pause"}, *_steps("late", "i-late")]
)
LOOP = _template(
    [
        {
            "Name": "machines",
            "Action": "ACS::Loop",
            "Properties": {
                "LoopItems": "{{ ids }}",
                "LoopRateControl": {"Concurrency": 100},
                "LoopTasks": _steps("each", "{{ ACS::TaskLoopItem }}"),
            },
        }
    ],
    ids={"Type": "List"},
)
"""Enough items for a workflow of their own (``caboose.Loop``)."""
IDS = [f"i-{number:04d}" for number in range(170)]
WIDE = _template(
    [
        {
            "Name": "restart",
            "Action": "ACS::ExecuteAPI",
            "Properties": _restart("{{ ACS::TaskLoopItem }}"),
            "Loop": {"Items": "{{ ids }}", "RateControl": {"Concurrency": 150}},
        }
    ],
    ids={"Type": "List"},
)
"""More items at once than begin in one workflow task; few enough to run in the execution itself."""
WIDE_IDS = [f"i-wide-{number:04d}" for number in range(150)]


def reported(stack: Stack) -> list[str]:
    """The workflows of which Temporal reports problems."""

    async def look() -> list[str]:
        client = await stack.temporal_client()
        return [each.id async for each in client.list_workflows("TemporalReportedProblems IS NOT NULL")]

    return sorted(asyncio.run(look()))


def parked_record(stack: Stack, execution_id: str) -> dict[str, Any]:
    """The record when it says that workers fail."""
    until(lambda: stack.get(execution_id)["StatusReason"] == "WorkflowTaskFailed", f"{execution_id} says so")
    return stack.get(execution_id)


def test_it_parks_executions_visibly_and_they_go_on_after_a_fix(stack: Stack, broken: Path, tmp_path: Path) -> None:
    machines = ["i-first", "i-last", "i-early", "i-late", *IDS, *WIDE_IDS]
    stack.simulator.put_instances([{"InstanceId": each} for each in machines])
    stack.worker.kill()
    release = Worker(tmp_path, stack.env, broken)
    release.start()
    plain, waiting = (stack.start(TemplateContent=each) for each in (PLAIN, WAITING))
    loop = stack.start({"ids": IDS}, TemplateContent=LOOP)
    wide = stack.start({"ids": WIDE_IDS}, TemplateContent=WIDE)
    parked = {plain: plain, waiting: waiting, loop: f"{loop}.t0001", wide: wide}
    until(lambda: reported(stack) == sorted(parked.values()), "Temporal reports problems of all")
    for execution_id, workflow_id in parked.items():
        record = parked_record(stack, execution_id)
        assert record["Status"] == "Running"
        assert record["Notes"][-1].startswith(f"workers fail at the workflow {workflow_id} with RuntimeError and")
        assert "WorkflowTaskFailed" in stack.caboose("executions", "show", execution_id).stdout
    done = stack.reboots()
    release.kill()
    stack.worker.start()
    stack.wait_for_status(waiting, "Waiting")
    assert stack.notify(waiting, "Approve").status_code == 200
    for each in parked:
        record = stack.finish(each)
        assert (record["Status"], record["StatusReason"], record["Notes"]) == ("Success", "", [])
    assert not reported(stack)
    assert stack.reboots()[: len(done)] == done
    assert sorted(call["instance_id"] for call in stack.reboots()) == sorted(machines)
