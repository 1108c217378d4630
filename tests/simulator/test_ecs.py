"""The state machine and its refusals, as a client sees them."""

from typing import Any

import pytest

from caboose.simulator.instances import Instances
from tests.simulator.client import call, eventually
from tests.support.simulator import Simulator

STATES = [
    ("StartInstance", "Stopped", "Starting", "Running", "Starts"),
    ("StopInstance", "Running", "Stopping", "Stopped", "Stops"),
    ("RebootInstance", "Running", "Starting", "Running", "Reboots"),
]


@pytest.mark.parametrize(("action", "before", "through", "after", "count"), STATES)
def test_transitions(simulator: Simulator, action: str, before: str, through: str, after: str, count: str) -> None:
    simulator.reset(transition_seconds=3600)
    simulator.put_instances([{"InstanceId": "i-1", "Status": before}])
    answer = call(simulator, action, {"InstanceId": "i-1", "ForceStop": ""})
    assert answer.status_code == 200
    assert list(answer.json()) == ["RequestId"]
    (instance,) = simulator.instances()
    assert (instance["Status"], instance[count]) == (through, 1)  # at once, and for the whole hour
    simulator.reset(transition_seconds=0.05)
    simulator.put_instances([{"InstanceId": "i-1", "Status": before}])
    call(simulator, action, {"InstanceId": "i-1"})
    assert eventually(lambda: simulator.instances()[0]["Status"] == after)


def test_an_instance_changes_when_its_time_has_come() -> None:
    now = [0.0]
    instances = Instances(clock=lambda: now[0])
    instances.replace([{"InstanceId": "i-1"}])
    (instance,) = instances
    instance.change("Starting", "Running", 5)
    now[0] = 4.9
    assert instance.status == "Starting"
    now[0] = 5.0
    assert instance.status == "Running"


LOCKED = {"OperationLocks": {"LockReason": [{"LockReason": "security"}]}}
REFUSED: list[tuple[str, dict[str, Any], dict[str, str], int, str]] = [
    ("RebootInstance", {}, {}, 400, "MissingParameter"),
    ("RebootInstance", {}, {"InstanceId": "i-2"}, 404, "InvalidInstanceId.NotFound"),
    ("RebootInstance", {"Status": "Stopped"}, {"InstanceId": "i-1"}, 403, "IncorrectInstanceStatus"),
    ("RebootInstance", {"Status": "Starting"}, {"InstanceId": "i-1"}, 403, "IncorrectInstanceStatus"),
    ("RebootInstance", {"Status": "Pending"}, {"InstanceId": "i-1"}, 403, "IncorrectInstanceStatus.Initializing"),
    ("RebootInstance", LOCKED, {"InstanceId": "i-1"}, 403, "InstanceLockedForSecurity"),
    ("RebootInstance", {}, {"InstanceId": "i-1", "DryRun": "True"}, 400, "DryRunOperation"),
    ("RebootInstance", {}, {"InstanceId": "i-1", "ForceStop": "perhaps"}, 400, "InvalidParameter"),
    ("StartInstance", {}, {"InstanceId": "i-1"}, 403, "IncorrectInstanceStatus"),
    ("StopInstance", {"Status": "Stopped"}, {"InstanceId": "i-1"}, 403, "IncorrectInstanceStatus"),
    ("StopInstance", {}, {"InstanceId": "i-1", "StoppedMode": "Off"}, 400, "InvalidParameter"),
    ("ExplodeInstance", {}, {"InstanceId": "i-1"}, 404, "InvalidAction.NotFound"),
]


@pytest.mark.parametrize(("action", "fields", "parameters", "status", "code"), REFUSED)
def test_refusals(
    simulator: Simulator,
    action: str,
    fields: dict[str, Any],
    parameters: dict[str, str],
    status: int,
    code: str,
) -> None:
    simulator.put_instances([{"InstanceId": "i-1", **fields}])
    answer = call(simulator, action, parameters)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    (instance,) = simulator.instances()
    assert instance["Status"] == fields.get("Status", "Running")
    assert instance["Starts"] + instance["Stops"] + instance["Reboots"] == 0


def test_a_version_that_is_not_there(simulator: Simulator) -> None:
    answer = call(simulator, "RebootInstance", {"InstanceId": "i-1"}, version="2019-06-01")
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidVersion")


def test_stopped_mode(simulator: Simulator) -> None:
    simulator.put_instances(2)
    call(simulator, "StopInstance", {"InstanceId": "i-sim00001", "StoppedMode": "StopCharging"})
    call(simulator, "StopInstance", {"InstanceId": "i-sim00002", "StoppedMode": ""})
    assert [each["StoppedMode"] for each in simulator.instances()] == ["StopCharging", "KeepCharging"]
