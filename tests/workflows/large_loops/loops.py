"""Templates with a large loop, and what Temporal knows of its runs."""

import asyncio
import json
from typing import Any

from temporalio.client import WorkflowHistory

from tests.support.replay import replayer
from tests.support.stack import Stack

ITEMS = 400
IDS = [f"i-{number:04d}" for number in range(ITEMS)]


def looped(control: dict[str, Any], **task: Any) -> str:
    """A template that restarts the machines of its parameter ``ids``, each by one call that nothing repeats."""
    reboot = {
        "Name": "reboot",
        "Action": "ACS::ExecuteAPI",
        "Properties": {
            "Service": "ECS",
            "API": "RebootInstance",
            "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}"},
        },
        "Outputs": {"request": {"Type": "String", "ValueSelector": "RequestId"}},
        "Loop": {
            "Items": "{{ ids }}",
            "RateControl": control,
            "Outputs": {"requests": {"AggregateType": "Fn::ListJoin", "AggregateField": "request"}},
        },
        **task,
    }
    return json.dumps(
        {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {"ids": {"Type": "List"}},
            "Tasks": [reboot],
            "Outputs": {"requests": {"Type": "List", "Value": "{{ reboot.requests }}"}},
        }
    )


def start(stack: Stack, template: str, **fields: Any) -> str:
    """Starts it for all machines and gives the execution's id."""
    stack.simulator.put_instances([{"InstanceId": each} for each in IDS])
    return stack.start({"ids": IDS}, TemplateContent=template, SafetyCheck="Skip", **fields)


def restarted(stack: Stack) -> list[str]:
    """The machines that were restarted, in the order of the calls."""
    return [call["instance_id"] for call in stack.reboots() if call["outcome"] != "not carried out"]


def histories(stack: Stack, execution_id: str) -> list[WorkflowHistory]:
    """The histories of the execution and of all runs of its loops."""

    async def fetch() -> list[WorkflowHistory]:
        client = await stack.temporal_client()
        found = [
            each
            async for each in client.list_workflows("ExecutionStatus != 'Running'")
            if each.id.startswith(execution_id)
        ]
        handles = [client.get_workflow_handle(each.id, run_id=each.run_id) for each in found]
        return [await handle.fetch_history() for handle in handles]

    return asyncio.run(fetch())


def replay(stack: Stack, kept: list[WorkflowHistory]) -> None:
    """Runs the histories again as a worker would that has lost its memory."""

    async def run() -> None:
        for history in kept:
            await replayer(stack.store).replay_workflow(history)

    asyncio.run(run())
