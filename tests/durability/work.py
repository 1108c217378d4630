"""What the executions of these tests do: calls to many machines that must not be made twice, while much goes wrong.

Two templates. ``APART`` restarts each machine and runs a command on it: nothing lets a restart be repeated, the command
has a ClientToken. Its loop is so large that it is a workflow of its own (``caboose.Loop``). ``HERE`` restarts machines
in a loop that the execution runs itself.
"""

import json
from typing import Any

RESTART, COMMAND, LOOK = "RebootInstance", "RunCommand", "DescribeInstances"
TASKS = {RESTART: "restart", COMMAND: "command"}
"""The tasks that make them."""
_MACHINE = "{{ ACS::TaskLoopItem }}"
_RESTART = {
    "Name": TASKS[RESTART],
    "Action": "ACS::ExecuteAPI",
    "Properties": {"Service": "ECS", "API": RESTART, "Parameters": {"InstanceId": _MACHINE}},
}
_COMMAND = {
    "Name": TASKS[COMMAND],
    "Action": "ACS::ExecuteAPI",
    "Properties": {
        "Service": "ECS",
        "API": COMMAND,
        "Parameters": {"Type": "RunShellScript", "CommandContent": "echo once", "InstanceId": [_MACHINE]},
    },
}


def _template(task: dict[str, Any]) -> str:
    parameters = {"ids": {"Type": "List"}, "concurrency": {"Type": "Number"}}
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Parameters": parameters, "Tasks": [task]})


_CONTROL = {"Mode": "Concurrency", "Concurrency": "{{ concurrency }}", "MaxErrors": "100%"}
APART = _template(
    {
        "Name": "machines",
        "Action": "ACS::Loop",
        "Properties": {"LoopItems": "{{ ids }}", "LoopRateControl": _CONTROL, "LoopTasks": [_RESTART, _COMMAND]},
    }
)
HERE = _template({**_RESTART, "Loop": {"Items": "{{ ids }}", "RateControl": _CONTROL}})


def machines(letter: str, count: int) -> list[str]:
    """Ids of machines."""
    return [f"i-{letter}{number:04d}" for number in range(count)]


def faults() -> list[dict[str, Any]]:
    """What goes wrong from now on, each now and then, whichever machine it is."""
    wrong: list[dict[str, Any]] = []
    for action in (RESTART, COMMAND):
        wrong += [
            {"action": action, "probability": chance, "times": None, **fault}
            for chance, fault in (
                (0.02, {"kind": "error", "code": "Throttling.User", "http_status": 400}),
                (0.02, {"kind": "error", "code": "ServiceUnavailable.Throttling", "http_status": 503}),
                (0.02, {"kind": "error", "code": "OperationDenied", "http_status": 403}),
                (0.02, {"kind": "drop_before"}),
                (0.02, {"kind": "drop_after"}),
                (0.015, {"kind": "error", "code": "InternalError", "http_status": 500}),
                (0.015, {"kind": "error", "code": "InternalError", "http_status": 500, "carried_out": True}),
                (0.05, {"kind": "delay", "seconds": 0.3, "when": "before"}),
                (0.05, {"kind": "delay", "seconds": 0.3}),
            )
        ]
    wrong += [
        {"action": LOOK, "probability": 0.03, "times": None, **fault}
        for fault in (
            {"kind": "error", "code": "Throttling.User", "http_status": 400},
            {"kind": "error", "code": "InternalError", "http_status": 500},
            {"kind": "drop_before"},
        )
    ]
    return wrong
