"""One execution of each feature of the interpreter, for the stored histories (``make histories``)."""

import json
from collections.abc import Callable
from typing import Any

from tests.support.processes import until
from tests.support.stack import Stack

LOOK = {
    "Name": "look",
    "Action": "ACS::ExecuteAPI",
    "Properties": {"Service": "ECS", "API": "DescribeInstances"},
    "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
}


def flow(stack: Stack) -> str:
    """A choice, a skipped task, a failure that a handler takes, and a jump to the end."""
    choose = {
        "Name": "choose",
        "Action": "ACS::Choice",
        "Properties": {
            "DefaultTask": "ACS::END",
            "Choices": [
                {"When": {"Fn::Equals": [[], "{{ look.ids }}"]}, "NextTask": "ACS::END"},
                {"When": True, "NextTask": "never"},
            ],
        },
    }
    never = {**_reboot("never", "i-none"), "When": {"Fn::Equals": [1, 2]}}
    check = {
        "Name": "check",
        "Action": "ACS::CheckFor",
        "OnError": "handle",
        "IsCritical": False,
        "Properties": {
            "Service": "ECS",
            "API": "DescribeInstances",
            "PropertySelector": "TotalCount",
            "DesiredValues": [17],
        },
        "Outputs": {"count": {"Type": "Number", "ValueSelector": "TotalCount"}},
    }
    passed_by = _reboot("passed_by", "i-none")
    handle = {**_reboot("handle", {"Fn::Select": [0, "{{ look.ids }}"]}), "OnSuccess": "ACS::END"}
    last = _reboot("last", "i-none")
    outputs = {"count": {"Type": "Number", "Value": "{{ check.count }}"}}
    return _run(stack, [LOOK, choose, never, check, passed_by, handle, last], Outputs=outputs)


def batches(stack: Stack) -> str:
    """Three batches, with a pause after the first."""
    control = {"Mode": "Batch", "Batch": [1, 2], "ConcurrencyInBatches": [2], "BatchPauseOption": "FirstBatchPause"}
    return _run(stack, [LOOK, _looped("reboot", control)], _approve)


def failure_pause(stack: Stack) -> str:
    """Items that fail and are run again; a task that fails and is skipped."""
    error = {"code": "IncorrectInstanceStatus", "http_status": 403}
    tasks = [LOOK, _looped("reboot", {"Concurrency": 2}), _reboot("gone", "i-none")]

    def decide(execution_id: str) -> None:
        _say(stack, execution_id, "RetryTask")
        until(lambda: _waits_for(stack, execution_id, "gone"), "the next task failed")
        _say(stack, execution_id, "SkipTask")

    return _run(stack, tasks, lambda _, each: decide(each), fault=error, Mode="FailurePause")


def debug(stack: Stack) -> str:
    """Step by step: one as proposed, one with other properties, one cancelled, and the end by decision."""
    tasks = [LOOK, _reboot("first", "i-none"), {**_reboot("second", "i-none"), "OnCancel": "ACS::NEXT"}, LOOK_AGAIN]

    def decide(execution_id: str) -> None:
        _say(stack, execution_id, "ExecuteTask")
        until(lambda: _waits_for(stack, execution_id, "first"), "the second step")
        known = stack.simulator.instances()[0]["InstanceId"]
        properties = {"Parameters": {"InstanceId": known}}
        _say(stack, execution_id, "ExecuteTask", TaskName="first", Parameters=properties)
        until(lambda: _waits_for(stack, execution_id, "second"), "the third step")
        _say(stack, execution_id, "CancelTask")
        until(lambda: _waits_for(stack, execution_id, "look_again"), "the fourth step")
        _say(stack, execution_id, "CompleteExecution", ExecutionStatus="Success")

    return _run(stack, tasks, lambda _, each: decide(each), Mode="Debug")


LOOK_AGAIN = {**LOOK, "Name": "look_again"}


def high_risk(stack: Stack) -> str:
    """A call that is confirmed before it is made."""
    delete = {
        "Name": "delete",
        "Action": "ACS::ExecuteAPI",
        "Properties": {
            "Service": "ECS",
            "API": "DeleteInstance",
            "Parameters": {"InstanceId": {"Fn::Select": [0, "{{ look.ids }}"]}, "Force": True},
        },
    }
    return _run(stack, [LOOK, delete], _approve, SafetyCheck="ConfirmEveryHighRiskAction")


def nested(stack: Stack) -> str:
    """A template within a template, one of them known only when it is reached, and tasks in a loop of their own."""
    inner = {
        "FormatVersion": "OOS-2019-06-01",
        "Parameters": {"id": {"Type": "String"}},
        "Tasks": [_reboot("inner", "{{ id }}")],
        "Outputs": {"id": {"Type": "String", "Value": "{{ id }}"}},
    }
    literal = {
        "Name": "literal",
        "Action": "ACS::Template",
        "Properties": {
            "TemplateContent": inner,
            "Parameters": {"id": {"Fn::Select": [0, "{{ look.ids }}"]}},
        },
    }
    computed = {
        "Name": "computed",
        "Action": "ACS::Template",
        "Properties": {
            "TemplateName": {"Fn::Join": ["::", ["ACS", "ECS", "RebootInstance"]]},
            "Parameters": {"instanceId": {"Fn::Select": [1, "{{ look.ids }}"]}},
        },
    }
    each = {
        "Name": "each",
        "Action": "ACS::Loop",
        "Properties": {
            "LoopItems": "{{ look.ids }}",
            "LoopRateControl": {"Concurrency": 2},
            "LoopTasks": [_reboot("again", "{{ ACS::TaskLoopItem }}")],
        },
    }
    return _run(stack, [LOOK, literal, computed, each])


def messages(stack: Stack) -> str:
    """A sleep, a message, an HTTP request."""
    sleep = {"Name": "sleep", "Action": "ACS::Sleep", "Properties": {"Duration": "PT1S"}}
    content = {"msgtype": "text", "text": {"content": "done"}}
    notify = {
        "Name": "tell",
        "Action": "ACS::Notify",
        "Properties": {"NotifyType": "WebHook", "WebHook": {"URI": stack.simulator.webhook(), "Content": content}},
    }
    ask = {
        "Name": "ask",
        "Action": "ACS::ExecuteHttpRequest",
        "Properties": {"Method": "GET", "URL": f"{stack.simulator.url}/_simulator/instances"},
        "Outputs": {"count": {"Type": "Number", "ValueSelector": ".instances | length"}},
    }
    return _run(stack, [sleep, notify, ask])


def large_loop(stack: Stack) -> str:
    """A loop that looks large, because each item could make two hundred calls: it runs as a workflow of its own.

    One item waits in it, because nobody knows whether its call was carried out.
    """
    many = [_reboot(f"more{number}", "i-none") for number in range(200)]
    leave = {"Name": "leave", "Action": "ACS::Choice", "Properties": {"DefaultTask": "ACS::END", "Choices": []}}
    leave["Properties"]["Choices"] = [{"When": False, "NextTask": "more0"}]  # type: ignore[index]
    inner = {
        "FormatVersion": "OOS-2019-06-01",
        "Parameters": {"id": {"Type": "String"}},
        "Tasks": [_reboot("one", "{{ id }}"), leave, *many],
    }
    each = {
        "Name": "each",
        "Action": "ACS::Template",
        "Properties": {"TemplateContent": inner, "Parameters": {"id": "{{ ACS::TaskLoopItem }}"}},
        "Loop": {"Items": "{{ look.ids }}", "RateControl": {"Concurrency": 3}},
    }

    return _run(stack, [LOOK, each], _retry, fault={"kind": "drop_before"}, instances=12)


FEATURES: tuple[Callable[[Stack], str], ...] = (
    flow,
    batches,
    failure_pause,
    debug,
    high_risk,
    nested,
    messages,
    large_loop,
)


def _reboot(name: str, instance_id: Any) -> dict[str, Any]:
    parameters = {"InstanceId": instance_id}
    return {
        "Name": name,
        "Action": "ACS::ExecuteAPI",
        "Properties": {"Service": "ECS", "API": "RebootInstance", "Parameters": parameters},
    }


def _looped(name: str, control: dict[str, Any]) -> dict[str, Any]:
    return {
        **_reboot(name, "{{ ACS::TaskLoopItem }}"),
        "Loop": {"Items": "{{ look.ids }}", "RateControl": control},
    }


def _waits_for(stack: Stack, execution_id: str, task: str) -> bool:
    return any(wait["TaskName"] == task for wait in stack.get(execution_id)["Waiting"])


def _say(stack: Stack, execution_id: str, notify_type: str, **fields: Any) -> None:
    """One decision; on a machine so busy that no answer comes it is sent again, and counts once."""
    decision = {"DecisionId": f"{notify_type}-{len(stack.get(execution_id)['Decisions'])}", **fields}
    until(lambda: stack.notify(execution_id, notify_type, **decision).status_code == 200, f"{notify_type} is taken")


def _retry(stack: Stack, execution_id: str) -> None:
    _say(stack, execution_id, "RetryTask")


def _approve(stack: Stack, execution_id: str) -> None:
    _say(stack, execution_id, "Approve")


def _run(
    stack: Stack,
    tasks: list[dict[str, Any]],
    decide: Callable[[Stack, str], None] | None = None,
    *,
    fault: dict[str, Any] | None = None,
    instances: int = 4,
    Outputs: dict[str, Any] | None = None,
    **start: Any,
) -> str:
    """Runs a template of these tasks to its end; ``decide`` is called when it waits for the first time."""
    stack.simulator.reset(transition_seconds=0)
    stack.simulator.put_instances(instances)
    if fault:
        known = stack.simulator.instances()[1]["InstanceId"]
        stack.simulator.fault("RebootInstance", **{"kind": "error", "instance_id": known, **fault})
    template = {"FormatVersion": "OOS-2019-06-01", "Tasks": tasks, "Outputs": Outputs or {}}
    execution_id = stack.start(TemplateContent=json.dumps(template), **{"SafetyCheck": "Skip", **start})
    if decide:
        stack.wait_for_status(execution_id, "Waiting")
        decide(stack, execution_id)
    stack.finish(execution_id)
    return execution_id
