"""Records the histories that the replay tests read, and the commands in each: ``make histories``.

Until the first release they are recorded again in the commit that changes what the workflow does; from then on an old
history that no longer replays is a break of running executions.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.processes import until
from tests.support.replay import commands_of, with_large_payloads
from tests.support.stack import Stack, running_stack
from tests.workflows.features import FEATURES

HISTORIES = Path(__file__).parent / "histories"
COMMANDS = ".commands"
"""Ends the name of the file with the commands that a history's code asked for."""


def approved(stack: Stack) -> str:
    """Three instances, approved, restarted."""
    execution_id = stack.start(stack.parameters(_ids(stack, 3)))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve", NotifyNote="go")
    stack.finish(execution_id)
    return execution_id


def rejected(stack: Stack) -> str:
    """Rejected by a signal, which ends it as Canceled."""
    execution_id = stack.start(stack.parameters(_ids(stack, 1)))
    stack.wait_for_approval(execution_id)
    signal = ["workflow", "signal", "--workflow-id", execution_id, "--name", "NotifyExecution"]
    stack.temporal_cli(*signal, "--input", '{"NotifyType": "Reject", "NotifyNote": "not today"}')
    stack.finish(execution_id)
    return execution_id


def cancelled(stack: Stack) -> str:
    """Cancelled while it waits."""
    execution_id = stack.start(stack.parameters(_ids(stack, 1)))
    stack.wait_for_approval(execution_id)
    stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "no longer needed"})
    stack.finish(execution_id)
    return execution_id


def failed_item(stack: Stack) -> str:
    """One of twelve instances fails, which MaxErrors doesn't allow."""
    ids = _ids(stack, 12)
    stack.simulator.fault(
        "RebootInstance", "error", code="InstanceLockedForSecurity", http_status=403, instance_id=ids[1]
    )
    control = {"Mode": "Concurrency", "Concurrency": "25%", "MaxErrors": 0}
    execution_id = stack.start(stack.parameters(ids, rateControl=control))
    stack.wait_for_approval(execution_id)
    stack.notify(execution_id, "Approve")
    stack.finish(execution_id)
    return execution_id


def retried(stack: Stack) -> str:
    """An execution that goes on from where another one failed."""
    failed = failed_item(stack)
    stack.simulator.clear_faults()
    execution_id = str(stack.http.post(f"/executions/{failed}/retry").json()["Execution"]["ExecutionId"])
    stack.finish(execution_id)
    return execution_id


def outcome_unknown(stack: Stack) -> str:
    """Two lost answers, one retried and one skipped by decision; one throttled call."""
    ids = _ids(stack, 3)
    for instance_id in ids[:2]:
        stack.simulator.fault("RebootInstance", "drop_before", instance_id=instance_id)
    stack.simulator.fault("RebootInstance", "error", code="Throttling.User", http_status=400, instance_id=ids[2])
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    stack.http.post(f"/executions/{execution_id}/notify-again")
    stack.notify(execution_id, "Approve")
    until(lambda: len(stack.get(execution_id)["Waiting"]) == 2, "two items wait")
    stack.notify(execution_id, "RetryTask", LoopItem=ids[0])
    stack.notify(execution_id, "SkipTask", LoopItem=ids[1])
    stack.finish(execution_id)
    return execution_id


def refused_start(stack: Stack) -> str:
    """A start with everything wrong, from a Temporal client."""
    start = ["workflow", "start", "--task-queue", "caboose", "--workflow-id", "exec-refused-start"]
    stack.temporal_cli(*start, "--type", "reboot-with-approval", "--input", '{"target": 1}')
    stack.temporal_cli("workflow", "result", "--workflow-id", "exec-refused-start", check=False)
    return "exec-refused-start"


def programs(stack: Stack) -> str:
    """Functions, jq in selectors and in workflow code, direct selection, and a program that is stopped."""
    _ids(stack, 3)
    stack.simulator.put_instances(3)
    look = {
        "Name": "look",
        "Action": "ACS::ExecuteAPI",
        "Properties": {"Service": "ECS", "API": "DescribeInstances"},
        "Outputs": {
            "running": {"Type": "List", "ValueSelector": '.Instances.Instance[] | select(.Status == "Running")'}
        },
    }
    restart = {
        "Name": "restart",
        "Action": "ACS::ECS::RebootInstance",
        "Properties": {"instanceId": "{{ ACS::TaskLoopItem }}"},
        "Loop": {"Items": {"Fn::Jq": ["All", '.[].InstanceId | select(test("2$|3$"))', "{{ look.running }}"]}},
    }
    outputs = {
        "direct": {"Type": "List", "Value": "{{ look.Instances.Instance[]?.InstanceId }}"},
        "joined": {"Value": {"Fn::Join": [", ", {"Fn::Jq": ["All", ".[].InstanceName", "{{ look.running }}"]}]}},
        "stopped": {"Value": {"Fn::Jq": ["First", "last(range(1e12))", None]}},
    }
    template = {"FormatVersion": "OOS-2019-06-01", "Tasks": [look, restart], "Outputs": outputs}
    execution_id = stack.start(TemplateContent=json.dumps(template))
    stack.finish(execution_id)
    return execution_id


SCENARIOS: tuple[Callable[[Stack], str], ...] = (
    approved,
    rejected,
    cancelled,
    failed_item,
    retried,
    outcome_unknown,
    refused_start,
    programs,
    *FEATURES,
)


def _ids(stack: Stack, count: int) -> list[str]:
    stack.simulator.reset()
    stack.simulator.put_instances(count)
    return [str(each["InstanceId"]) for each in stack.simulator.instances()]


async def _save(stack: Stack, name: str, execution_id: str) -> None:
    """The history of the execution, those of its large loops, and the commands of each."""
    client = await stack.temporal_client()
    found = [each.id async for each in client.list_workflows(f"WorkflowId STARTS_WITH '{execution_id}'")]
    for number, workflow_id in enumerate(sorted(set(found))):
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        document = with_large_payloads(json.loads(history.to_json()), stack.store)
        _forget_the_machine(document)
        stored = {"workflow_id": workflow_id, "history": document}
        file = f"{name}-loop-{number}" if number else name
        (HISTORIES / f"{file}.json").write_text(json.dumps(stored, indent=1) + "\n")
        commands = await commands_of(stored, stack.store)
        (HISTORIES / f"{file}{COMMANDS}").write_text(json.dumps(commands, indent=1) + "\n")


def _forget_the_machine(node: Any) -> None:
    """Takes out what tells where it was recorded: process and host, build, and the paths in stack traces."""
    if isinstance(node, dict):
        for name in ("identity", "workerVersion", "stackTrace"):
            node.pop(name, None)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _forget_the_machine(child)


def main() -> None:
    """Runs every scenario and stores its history."""
    HISTORIES.mkdir(exist_ok=True)
    for old in HISTORIES.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        for scenario in SCENARIOS:
            execution_id = scenario(stack)
            asyncio.run(_save(stack, scenario.__name__.replace("_", "-"), execution_id))


if __name__ == "__main__":
    main()
