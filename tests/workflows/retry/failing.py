"""Executions that fail in the middle of a loop because the simulator says no to one of its calls."""

import json
from typing import Any

from tests.support.stack import Stack

SECRET = "the-passphrase-of-these-tests"


def restarting(**changes: Any) -> str:
    """A template that looks at machines, restarts them one after another, and looks once more."""
    look = _task("look", "DescribeInstances", {"InstanceIds": "{{ ids }}"})
    look["Outputs"] = {"found": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}}
    control = {"Mode": "Concurrency", "Concurrency": 1, "MaxErrors": 0}
    restart = _task("restart", "RebootInstance", {"InstanceId": "{{ ACS::TaskLoopItem }}"})
    restart["Outputs"] = {"request": {"Type": "String", "ValueSelector": "RequestId"}}
    restart["Loop"] = {
        "Items": "{{ look.found }}",
        "RateControl": control,
        "Outputs": {"requests": {"AggregateType": "Fn::ListJoin", "AggregateField": "request"}},
    }
    template = {
        "FormatVersion": "OOS-2019-06-01",
        "Parameters": {"ids": {"Type": "List"}, "key": {"Type": "String", "NoEcho": True, "Default": SECRET}},
        "Tasks": [look, restart, _task("after", "DescribeInstanceStatus", {"InstanceId": "{{ ids }}"})],
        "Outputs": {
            "found": {"Type": "List", "Value": "{{ look.found }}"},
            "requests": {"Type": "List", "Value": "{{ restart.requests }}"},
        },
    }
    return json.dumps({**template, **changes})


def _task(name: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
    properties = {"Service": "ECS", "API": api, "Parameters": parameters}
    return {"Name": name, "Action": "ACS::ExecuteAPI", "Properties": properties}


def failed(stack: Stack, ids: list[str], *, refused: str, times: int = 1, **fields: Any) -> dict[str, Any]:
    """The record of an execution over these machines that failed because one of them wasn't restarted."""
    region = fields.get("RegionId", "cn-hangzhou")
    stack.simulator.put_instances([{"InstanceId": each, "RegionId": region} for each in ids])
    refuse(stack, refused, times)
    fields = {"TemplateContent": restarting(), **fields}
    if fields.get("TemplateName"):
        del fields["TemplateContent"]
    record = stack.finish(stack.start({"ids": ids}, **fields, SafetyCheck="Skip"))
    assert record["Status"] == "Failed", record
    return record


def refuse(stack: Stack, instance_id: str, times: int = 1) -> None:
    """The next restarts of a machine are refused."""
    said = {"code": "IncorrectInstanceStatus", "http_status": 403, "times": times}
    stack.simulator.fault("RebootInstance", "error", instance_id=instance_id, **said)


def restarted(stack: Stack) -> list[str]:
    """The machines that were restarted, in the order of the calls."""
    return [call["instance_id"] for call in stack.reboots() if call["outcome"] == "answered"]


def ended_in_temporal(stack: Stack, execution_id: str) -> bool:
    """Whether Temporal knows the execution's end, which comes after its last record."""
    told = stack.temporal_cli("workflow", "describe", "--workflow-id", execution_id, "--output", "json").stdout
    return bool(json.loads(told)["workflowExecutionInfo"].get("closeTime"))


def retried(stack: Stack, execution_id: str, **fields: Any) -> dict[str, Any]:
    """The record of the execution that retries this one, when it has ended."""
    answer = stack.http.post(f"/executions/{execution_id}/retry", json=fields)
    assert answer.status_code == 201, answer.text
    return stack.finish(answer.json()["Execution"]["ExecutionId"])
